import MailComposer from 'nodemailer/lib/mail-composer';
import type { Address, OutgoingMessage } from './message.ts';

/** The message as it goes over the wire: MIME, CRLF, without a Bcc header. */
export async function buildMime(message: OutgoingMessage): Promise<Buffer> {
  const composer = new MailComposer({
    from: toMailbox(message.from),
    to: message.to.map(toMailbox),
    cc: message.cc.map(toMailbox),
    replyTo: message.replyTo.map(toMailbox),
    subject: message.subject,
    messageId: message.messageId,
    date: message.date,
    ...(message.text !== null && { text: message.text }),
    ...(message.html !== null && { html: message.html }),
    headers: [
      ...message.headers.map(({ name, value }) => ({ key: name, value })),
      { key: 'X-CourierX-Email-Id', value: message.emailId },
    ],
    attachments: message.attachments.map((file) => ({
      filename: file.filename,
      content: file.content,
      contentType: file.contentType,
      // Base64 for every file: a text part would have its line ends changed on the way.
      contentTransferEncoding: 'base64',
      ...(file.contentId !== null && { cid: file.contentId, contentDisposition: 'inline' }),
    })),
    // Content is only ever text and bytes; nothing of a caller's is a path or an address to read.
    disableFileAccess: true,
    disableUrlAccess: true,
    newline: 'windows',
  });
  return composer.compile().build();
}

function toMailbox({ address, name }: Address): { address: string; name: string } {
  return { address, name: name ?? '' };
}
