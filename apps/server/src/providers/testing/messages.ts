import { createHash } from 'node:crypto';
import type { OutgoingMessage } from '../message.ts';
import type { Connection } from '../connection.ts';

/** A short mail to one recipient. */
export function plainMessage(changes: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const to = changes.to ?? [{ address: 'ada@example.com', name: null }];
  const lists = [...to, ...(changes.cc ?? []), ...(changes.bcc ?? [])];
  return {
    emailId: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a',
    attemptNumber: 1,
    messageId: '<0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a@shop.example>',
    date: new Date('2026-03-22T10:30:00Z'),
    from: { address: 'orders@shop.example', name: null },
    replyTo: [],
    to,
    cc: [],
    bcc: [],
    recipients: lists.map(({ address }) => address),
    subject: 'Order 1001',
    html: null,
    text: 'Thanks',
    headers: [],
    attachments: [],
    tags: [],
    metadata: {},
    ...changes,
  };
}

/** A mail with everything an email can have, and the letters that are easily broken. */
export function everythingMessage(): OutgoingMessage {
  return plainMessage({
    from: { address: 'orders@shop.example', name: 'Łódź „Shop”, GmbH' },
    replyTo: [
      { address: 'help@shop.example', name: 'Hilfe & Büro' },
      { address: 'desk@shop.example', name: null },
    ],
    to: [
      { address: 'ada@example.com', name: 'Lovelace, Ada "AL"' },
      { address: 'Grace@example.com', name: null },
    ],
    cc: [{ address: 'cc@xn--bcher-kva.example', name: '山田太郎' }],
    bcc: [{ address: 'audit@example.org', name: 'Audit' }],
    subject: `Bestellung 1001 – ${'größer '.repeat(30)}✅`,
    text: 'Grüße\n.a line that begins with a dot\n\n-- \nShop 🛒',
    html: '<p>Grüße <img src="cid:logo@shop.example"> 🛒</p>\n<p>.dot</p>',
    headers: [
      { name: 'X-Entity-Ref-ID', value: '1001' },
      { name: 'List-Unsubscribe', value: '<https://shop.example/u/abc>' },
      { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
      { name: 'X-Long', value: 'word '.repeat(150).trim() },
      { name: 'X-Unicode', value: 'Zürich' },
    ],
    attachments: [
      {
        filename: 'rechnung-größe.bin',
        contentType: 'application/octet-stream',
        contentId: null,
        content: noise(70_000),
      },
      {
        filename: 'lines.txt',
        contentType: 'text/plain',
        contentId: null,
        content: Buffer.from('unix\n.dot\r\nmac\r\u0000end'),
      },
      {
        filename: 'logo.png',
        contentType: 'image/png',
        contentId: 'logo@shop.example',
        content: noise(300),
      },
    ],
    tags: ['order', 'transactional'],
    metadata: { customer: '42', vip: true, nested: { a: [1, 2] }, note: 'ü' },
  });
}

/** Bytes that look random and are the same each time. */
function noise(length: number): Buffer {
  const parts: Buffer[] = [];
  for (let index = 0; index * 32 < length; index++) {
    parts.push(createHash('sha256').update(`noise ${index}`).digest());
  }
  return Buffer.concat(parts).subarray(0, length);
}

/** A connection with these settings and secrets. */
export function connectionWith(
  settings: Connection['settings'],
  secrets: Connection['secrets'] = {},
): Connection {
  return { id: 'connection-1', accountId: 'account-1', version: 1, settings, secrets };
}
