import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../../test/support/mail-fixture.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { claimEmails, type Claim } from '../../queue/claim-emails.ts';
import type { NewEmail } from '../../queue/accept-emails.ts';
import type { Reservation } from '../../queue/hand-over.ts';
import { loadEmails, type LoadedEmail } from '../../queue/load-emails.ts';
import { createAcceptor } from './accept.ts';
import { newId } from '../../lib/ids.ts';

let mail: MailFixture;
let account: string;

beforeEach(async () => {
  mail = await createMailFixture();
  account = await mail.createAccount();
});
afterEach(() => mail.close());

/** A worker that does not look at the queue by itself. */
const NEVER_LOOKS = { pollMs: 3_600_000 };

function newEmail(over: Partial<NewEmail> = {}): NewEmail {
  const id = newId();
  return {
    ...{ accountId: account, id, mode: 'live', messageId: `<${id}@yourapp.test>` },
    from: { address: 'hello@yourapp.test', name: null },
    recipients: [{ type: 'to', address: 'user@example.com', name: null }],
    ...{ replyTo: [], subject: 'Hello', tags: [], metadata: {}, html: null, text: 'It works' },
    ...{ headers: [], attachments: [], idempotencyKey: null },
    ...over,
  };
}

const queue = () => mail.database.kysely.selectFrom('queue').selectAll().execute();
const isSent = (amount: number) => () => mail.smtp.accepted.length === amount;

async function suppress(address: string): Promise<void> {
  const row = { accountId: account, id: newId(), address, reason: 'manual', note: null } as const;
  await mail.database.kysely.insertInto('suppressions').values(row).execute();
}

describe('mail that is handed over', () => {
  it('is what would be read', async () => {
    await suppress('gone@example.com');
    const taken: LoadedEmail[] = [];
    const acceptor = createAcceptor({
      database: mail.database,
      onQueued: () => undefined,
      handOver: {
        reserve: (emails) => ({
          ...{ lease: newId(), leaseMs: 30_000, emailIds: new Set(emails.map(({ id }) => id)) },
          take(stored) {
            taken.push(...stored);
            return Promise.resolve();
          },
        }),
      },
    });
    await acceptor.add(
      newEmail({
        from: { address: 'hello@yourapp.test', name: 'Köln "& Söhne"' },
        replyTo: [{ address: 'help@yourapp.test', name: null }],
        recipients: [
          { type: 'to', address: 'Ada@example.com', name: 'Ada' },
          { type: 'cc', address: 'gone@example.com', name: null },
        ],
        ...{ subject: 'Grüße 你好 🎉', tags: ['welcome', 'quote " \\ { , }'] },
        metadata: {
          ...{ user_id: 'usr_1', a: 1.5, zz: [{ later: 1, b: null }], ü: 1e21, b: -0 },
        },
        html: '<p>ü</p>',
        headers: [{ name: 'X-Entity-Ref-ID', value: '1001' }],
        attachments: [
          {
            ...{ filename: 'a.bin', contentType: 'application/octet-stream', contentId: null },
            content: Buffer.from([0, 1, 254, 255]),
          },
        ],
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      }),
    );
    const claims = taken.map(({ accountId, id: emailId }) => ({ accountId, emailId }));
    const [read] = await loadEmails(mail.database.pool, claims);
    const [own] = taken;
    expect(own?.now.getTime()).toBeLessThanOrEqual(read?.now.getTime() ?? 0);
    // By its text, so that the order of metadata's keys counts; what comes back for a second attempt
    // says once more that it is suppressed.
    const comparable = (email: LoadedEmail | undefined) =>
      email && { ...email, now: null, suppressed: null, metadata: JSON.stringify(email.metadata) };
    expect(comparable(own)).toEqual(comparable(read));
    expect(own?.recipientStatuses).toEqual(['queued', 'suppressed']);
  });

  it('is sent without a look at the queue', async () => {
    await mail.addConnection(account);
    const dispatcher = mail.startDispatcher(NEVER_LOOKS);
    const acceptor = createAcceptor({
      database: mail.database,
      onQueued: () => expect.unreachable('nothing is left in the queue'),
      handOver: dispatcher,
    });
    const { email } = await acceptor.add(newEmail());
    await waitFor(isSent(1), { what: 'the mail' });
    expect(mail.smtp.accepted[0]?.emailId).toBe(email.id);
    await waitFor(async () => (await queue()).length === 0, { what: 'its place to be free' });
    const { attempts, status } = await mail.get(account, email.id);
    expect([status, attempts.length]).toEqual(['sent', 1]);
  });

  it('goes to nobody who is suppressed', async () => {
    await mail.addConnection(account);
    mail.startDispatcher(NEVER_LOOKS);
    await suppress('gone@example.com');
    await mail.send(account, { to: 'gone@example.com' });
    await mail.send(account, { to: ['user@example.com', 'gone@example.com'] });
    await waitFor(isSent(1), { what: 'the mail' });
    expect(mail.smtp.accepted[0]?.recipients).toEqual(['user@example.com']);
  });

  it('goes through no connection that was disabled before it came', async () => {
    const connectionId = await mail.addConnection(account);
    mail.startDispatcher(NEVER_LOOKS);
    await mail.send(account);
    await waitFor(isSent(1), { what: 'the first mail' });
    await mail.database.kysely
      .updateTable('connections')
      .set({ disabledAt: new Date() })
      .where('id', '=', connectionId)
      .execute();
    const { id } = await mail.send(account);
    const reason = async () => (await mail.get(account, id)).status_reason ?? '';
    await waitFor(async () => (await reason()).includes('disabled'), { what: 'the mail to wait' });
    expect(mail.smtp.accepted).toHaveLength(1);
  });

  it('overtakes no mail of its account that is due', async () => {
    await mail.addConnection(account);
    const waiting = await mail.send(account);
    const acceptor = createAcceptor({
      database: mail.database,
      onQueued: () => undefined,
      handOver: { reserve: keepAll },
    });
    const { email } = await acceptor.add(newEmail());
    const other = await acceptor.add(newEmail({ accountId: await mail.createAccount() }));
    const leases = new Map((await queue()).map((row) => [row.emailId, row.lease]));
    expect(leases.get(waiting.id)).toBeNull();
    expect(leases.get(email.id)).toBeNull();
    expect(leases.get(other.email.id)).toEqual(expect.any(String));
  });

  it('waits in the queue where there is no room, and goes out as room comes', async () => {
    await mail.addConnection(account);
    mail.startDispatcher({ ...NEVER_LOOKS, concurrency: 4 });
    await Promise.all(Array.from({ length: 60 }, () => mail.send(account)));
    await waitFor(isSent(60), { what: 'all mails' });
    expect(new Set(mail.smtp.accepted.map(({ emailId }) => emailId)).size).toBe(60);
  });

  it('keeps no room when it could not be stored', async () => {
    await mail.addConnection(account);
    const dispatcher = mail.startDispatcher({ ...NEVER_LOOKS, concurrency: 4 });
    const acceptor = createAcceptor({
      database: mail.database,
      onQueued: () => undefined,
      handOver: dispatcher,
    });
    const broken = newEmail({ recipients: [] });
    const refused = newEmail({ subject: null as unknown as string });
    for (let index = 0; index < 6; index += 1) {
      await expect(acceptor.add({ ...refused, id: newId() })).rejects.toThrow();
    }
    await acceptor.add(broken).catch(() => undefined);
    expect(dispatcher.reserve([newEmail()])?.emailIds.size).toBe(1);
  });

  it('is due at once for others when its worker is stopping', async () => {
    await mail.addConnection(account);
    const dispatcher = mail.startDispatcher(NEVER_LOOKS);
    let isStopped = false;
    const acceptor = createAcceptor({
      database: mail.database,
      onQueued: () => undefined,
      handOver: {
        reserve(emails) {
          const reservation = dispatcher.reserve(emails);
          if (!reservation) return null;
          const take: Reservation['take'] = async (stored) => {
            await dispatcher.stop(1_000);
            isStopped = true;
            await reservation.take(stored);
          };
          return { ...reservation, take };
        },
      },
    });
    await acceptor.add(newEmail());
    expect(isStopped).toBe(true);
    expect(dispatcher.reserve([newEmail()])).toBeNull();
    const [row] = await queue();
    expect(row?.lease).toBeNull();
    expect(row?.runAt.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
    expect(mail.smtp.calls).toEqual([]);
  });

  it('is taken up by another worker when its own is gone', async () => {
    await mail.addConnection(account);
    const acceptor = createAcceptor({
      database: mail.database,
      onQueued: () => undefined,
      // One that dies between the commit and the first step.
      handOver: { reserve: (emails) => keepAll(emails, 300) },
    });
    await acceptor.add(newEmail());
    expect(await claimNow()).toEqual([]);
    mail.startDispatcher({ pollMs: 50 });
    await waitFor(isSent(1), { what: 'the mail' });
  });
});

function keepAll(emails: readonly NewEmail[], leaseMs = 30_000): Reservation {
  const emailIds = new Set(emails.map(({ id }) => id));
  return { lease: newId(), leaseMs, emailIds, take: () => Promise.resolve() };
}

async function claimNow(): Promise<readonly Claim[]> {
  const { claims } = await claimEmails(mail.database.pool, {
    ...{ lease: newId(), leaseMs: 30_000, limit: 10, perAccount: 10, atMost: new Map() },
    inHand: [],
    afterAccount: '00000000-0000-0000-0000-000000000000',
  });
  return claims;
}
