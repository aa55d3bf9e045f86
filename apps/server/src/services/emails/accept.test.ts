import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../../test/support/mail-fixture.ts';
import { newId } from '../../lib/ids.ts';

let mail: MailFixture;
let account: string;

beforeAll(async () => {
  mail = await createMailFixture();
});
afterAll(() => mail.close());
beforeEach(async () => {
  account = await mail.createAccount();
});

function count(table: 'emails' | 'emailContents' | 'emailStates' | 'queue' | 'idempotencyKeys') {
  return mail.database.kysely
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<string>().as('count'))
    .where('accountId', '=', account)
    .executeTakeFirstOrThrow()
    .then((row) => Number(row.count));
}

async function suppress(address: string, accountId = account): Promise<void> {
  await mail.database.kysely
    .insertInto('suppressions')
    .values({ accountId, id: newId(), address, reason: 'manual', note: null })
    .execute();
}

describe('idempotency', () => {
  const body = (key: string) => ({ metadata: { idempotency_key: key } });

  it('stores one email for a hundred racing requests with one key', async () => {
    const emails = await Promise.all(
      Array.from({ length: 100 }, () => mail.send(account, body('order-1'))),
    );
    expect(new Set(emails.map((email) => email.id)).size).toBe(1);
    expect(await count('emails')).toBe(1);
    expect(await count('queue')).toBe(1);
  });

  it('does not fail, nor swallow, the neighbours of a taken key', async () => {
    await mail.send(account, body('taken'));
    const emails = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        mail.send(account, body(index % 5 === 0 ? 'taken' : `free-${index}`)),
      ),
    );
    expect(new Set(emails.map((email) => email.id)).size).toBe(41);
    expect(await count('emails')).toBe(41);
    expect(await count('emailContents')).toBe(41);
    expect(await count('emailStates')).toBe(41);
    expect(await count('queue')).toBe(41);
  });

  it('keeps the keys of two accounts apart', async () => {
    const other = await mail.createAccount();
    const mine = await mail.send(account, body('shared'));
    const theirs = await mail.send(other, body('shared'));
    expect(theirs.id).not.toBe(mine.id);
  });

  it('forgets a key after 24 hours', async () => {
    const first = await mail.send(account, body('old'));
    await mail.database.kysely
      .updateTable('idempotencyKeys')
      .set({ createdAt: new Date(Date.now() - 86_401_000) })
      .where('accountId', '=', account)
      .execute();
    const second = await mail.send(account, body('old'));
    expect(second.id).not.toBe(first.id);
    expect((await mail.send(account, body('old'))).id).toBe(second.id);
  });

  it('two batches that take the same keys in another order both get through', async () => {
    const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`);
    const send = (list: string[]) => Promise.all(list.map((key) => mail.send(account, body(key))));
    const [one, two] = await Promise.all([send(keys), send(keys.toReversed())]);
    expect(two.map((email) => email.id).toReversed()).toEqual(one.map((email) => email.id));
  });
});

describe('the suppression check', () => {
  it('takes the mail, marks it suppressed and queues nothing', async () => {
    await suppress('gone@example.com');
    const email = await mail.send(account, { to: 'Gone@Example.com' });
    expect(email.status).toBe('suppressed');
    expect(await count('queue')).toBe(0);
    const detail = await mail.get(account, email.id);
    expect(detail.events.map((event) => [event.event_type, event.recipient])).toEqual([
      ['suppressed', 'gone@example.com'],
    ]);
    expect(mail.smtp.calls).toEqual([]);
  });

  it('leaves out only the suppressed ones of several recipients', async () => {
    await suppress('gone@example.com');
    const email = await mail.send(account, { to: ['here@example.com', 'gone@example.com'] });
    expect(email.recipients.map((recipient) => recipient.status)).toEqual(['queued', 'suppressed']);
    expect(email.status).toBe('queued');
  });

  it("is not touched by another account's list", async () => {
    await suppress('user@example.com', await mail.createAccount());
    expect((await mail.send(account)).status).toBe('queued');
  });
});

describe('what is stored', () => {
  it('is what was asked, byte for byte', async () => {
    const metadata = { user_id: 'usr_1', nested: { snake_case: [1, 'zwei', null] } };
    const { id } = await mail.send(account, {
      from: { email: 'hello@yourapp.test', name: 'Köln "& Söhne"' },
      to: '"Lovelace, Ada" <ada@example.com>',
      cc: ['b@example.com'],
      bcc: 'c@example.com',
      reply_to: ['help@yourapp.test', 'Desk <desk@yourapp.test>'],
      subject: 'Grüße 你好 🎉',
      html: '<p>ü</p>',
      text: 'ü',
      headers: { 'X-Entity-Ref-ID': '1001' },
      attachments: [
        { filename: 'a.bin', content: Buffer.from([0, 1, 254, 255]).toString('base64') },
        { filename: 'logo.png', content: 'iVBORw0KGgo=', content_id: 'logo' },
      ],
      tags: ['welcome', 'quote " \\ { , }'],
      metadata,
    });
    expect(await mail.get(account, id)).toMatchObject({
      from_name: 'Köln "& Söhne"',
      to_email: 'ada@example.com',
      to_name: 'Lovelace, Ada',
      subject: 'Grüße 你好 🎉',
      html_body: '<p>ü</p>',
      tags: ['welcome', 'quote " \\ { , }'],
      metadata,
      headers: { 'X-Entity-Ref-ID': '1001' },
      reply_to: [
        { email: 'help@yourapp.test', name: null },
        { email: 'desk@yourapp.test', name: 'Desk' },
      ],
      attachments: [
        { filename: 'a.bin', content_type: 'application/octet-stream', size: 4 },
        { filename: 'logo.png', content_type: 'image/png', content_id: 'logo', size: 8 },
      ],
    });
    const files = await mail.database.kysely
      .selectFrom('emailAttachments')
      .select('content')
      .where('emailId', '=', id)
      .orderBy('position')
      .execute();
    expect(files[0]?.content).toEqual(Buffer.from([0, 1, 254, 255]));
  });
});
