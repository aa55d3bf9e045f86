import type { AttachmentInput, EmailDetail } from '@courierx/contract';
import { callApiForBytes } from '../../../lib/api-client.ts';

/** The mail's files as they were given, read back out of its raw form. Rejects when one is not there. */
export async function readAttachments(email: EmailDetail): Promise<AttachmentInput[]> {
  if (email.attachments.length === 0) return [];
  const [raw, { default: PostalMime }] = await Promise.all([
    callApiForBytes(`/emails/${email.id}/raw`, { headers: { accept: '*/*' } }),
    import('postal-mime'),
  ]);
  const options = { attachmentEncoding: 'base64', forceRfc822Attachments: true } as const;
  const parts = (await PostalMime.parse(raw, options)).attachments.map((part) => ({
    filename: part.filename,
    content_id: part.contentId?.replace(/^<|>$/g, '') ?? null,
    content: typeof part.content === 'string' ? part.content : '',
  }));
  return email.attachments.map(({ filename, content_type, content_id, size }) => {
    const index = parts.findIndex(
      (part) =>
        part.filename === filename &&
        (content_id === null || part.content_id === content_id) &&
        sizeOf(part.content) === size,
    );
    const [part] = index < 0 ? [] : parts.splice(index, 1);
    if (!part) throw new Error(`Its file ${filename} can not be read back, so it was not sent.`);
    return { filename, content_type, content_id, content: part.content };
  });
}

/** Bytes that the base64 text stands for. */
function sizeOf(base64: string): number {
  return (base64.replace(/=+$/, '').length * 3) >> 2;
}
