import type { AddressObject, ParsedMail } from 'mailparser';
import { parseAddress } from '../../lib/address.ts';
import type { Address } from '../message.ts';
import type { ReceivedMail } from './adapter-suite.ts';

/** A parsed MIME message in our words. */
export function toReceivedMail(mail: ParsedMail, recipients: readonly string[]): ReceivedMail {
  function header(name: string): string {
    const value = mail.headers.get(name.toLowerCase());
    const line = mail.headerLines.find(({ key }) => key === name.toLowerCase())?.line ?? '';
    const text = typeof value === 'string' ? value : unfold(line.slice(name.length + 1)).trim();
    return decodeWords(text);
  }
  return {
    from: mailboxes(mail.from)[0] ?? { address: '', name: null },
    replyTo: mailboxes(mail.replyTo),
    to: mailboxes(mail.to),
    cc: mailboxes(mail.cc),
    recipients,
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: typeof mail.html === 'string' ? mail.html : '',
    header,
    attachments: mail.attachments.map((file) => ({
      filename: file.filename ?? '',
      contentType: file.contentType,
      contentId: file.cid ?? null,
      content: file.content,
    })),
    emailId: header('x-courierx-email-id'),
    tags: [],
    metadata: {},
  };
}

/** Both smtp-server and mailparser show domains in Unicode. */
export const inAscii = (address: string) => parseAddress(address) ?? address;
/** Encoded words (RFC 2047), which mailparser leaves as they are in headers it does not know. */
const decodeWords = (text: string) =>
  text.replace(/=\?utf-8\?q\?(.*?)\?=/gi, (_, word: string) =>
    decodeURIComponent(word.replaceAll('_', ' ').replaceAll('=', '%')),
  );
const unfold = (line: string) => line.replace(/\r?\n(?=[ \t])/g, '');

function mailboxes(list: AddressObject | AddressObject[] | undefined): Address[] {
  return [list ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .map(({ address = '', name }) => ({
      address: inAscii(address),
      name: name === '' ? null : name,
    }));
}
