import type { Capabilities } from './provider.ts';

/** What a mail asks of whoever carries it. */
export type MailLoad = {
  /** See {@link encodedBytes}. */
  readonly encodedBytes: number;
  readonly recipients: number;
  readonly attachments: number;
  /** Those with a Content-ID. */
  readonly inlineAttachments: number;
  /** Names of custom headers, as given. */
  readonly headers: readonly string[];
  readonly replyTo: number;
};

/** What of a mail a provider can't carry. */
export type Misfit = {
  /** The mail's field, as on the wire. */
  readonly field: string;
  /** Goes on after the provider's name: "carries at most 25 MB". */
  readonly limit: string;
};

/** Bytes of the bodies and of the files in base64. */
export function encodedBytes(
  { html, text }: { readonly html: string | null; readonly text: string | null },
  fileBytes: readonly number[],
): number {
  const bodies = Buffer.byteLength(html ?? '') + Buffer.byteLength(text ?? '');
  const files = fileBytes.reduce((sum, bytes) => sum + (bytes * 4) / 3, 0);
  return Math.ceil(bodies + files);
}

/**
 * The first thing of a mail that a provider can't carry; null where it can carry all. Tags and
 * metadata are no reason: what a provider has no place for stays with CourierX.
 */
export function findMisfit(can: Capabilities, load: MailLoad): Misfit | null {
  const files = load.attachments + load.inlineAttachments;
  if (load.encodedBytes > can.maxMessageBytes) {
    const field = files > 0 ? 'attachments' : 'html_body and text_body';
    return { field, limit: `carries at most ${megabytes(can.maxMessageBytes)}` };
  }
  if (load.recipients > can.maxRecipients) {
    return {
      field: 'to_email, cc and bcc',
      limit: `takes at most ${can.maxRecipients} recipients`,
    };
  }
  if (files > 0 && !can.attachments) {
    return { field: 'attachments', limit: 'carries no attachments' };
  }
  if (load.inlineAttachments > 0 && !can.inlineAttachments) {
    return { field: 'attachments', limit: 'carries no inline attachments (content_id)' };
  }
  if (load.replyTo > 1 && !can.multipleReplyTo) {
    return { field: 'reply_to', limit: 'carries only one address' };
  }
  return findHeaderMisfit(can, load.headers);
}

function findHeaderMisfit(can: Capabilities, names: readonly string[]): Misfit | null {
  const [first] = names;
  if (first === undefined) return null;
  if (!can.customHeaders) return { field: 'headers', limit: 'carries no custom headers' };
  const reserved = names.find((name) => can.reservedHeaders.includes(name.toLowerCase()));
  if (reserved === undefined) return null;
  return { field: `headers[${JSON.stringify(reserved)}]`, limit: 'keeps this header for itself' };
}

/** "30 MB": of 1,048,576 bytes where that is even, else of 1,000,000. */
export function megabytes(bytes: number): string {
  const unit = bytes % 1_048_576 === 0 ? 1_048_576 : 1_000_000;
  return `${Math.round((bytes / unit) * 10) / 10} MB`;
}
