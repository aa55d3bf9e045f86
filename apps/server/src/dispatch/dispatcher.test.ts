import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { accepted, failed, unknown } from '../../test/support/scripted-provider.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { ACCOUNTS_PER_CLAIM } from '../queue/claim-emails.ts';
import { wakeWaiting } from '../queue/wake-waiting.ts';

let mail: MailFixture;
let account: string;

beforeAll(async () => {
  mail = await createMailFixture();
  mail.startDispatcher({ pollMs: 100 });
});
afterAll(() => mail.close());
beforeEach(async () => {
  account = await mail.createAccount();
});

async function settled(id: string, accountId = account) {
  return waitFor(
    async () => {
      const email = await mail.get(accountId, id);
      return email.status !== 'queued' && email;
    },
    { what: `email ${id} to be settled` },
  );
}

describe('a mail with working connections', () => {
  it('goes out by the first in priority, and the timeline says so', async () => {
    await mail.addConnection(account, { priority: 2, displayName: 'Backup' });
    const first = await mail.addConnection(account, { priority: 1, displayName: 'Primary' });
    const { id, status } = await mail.send(account);
    expect(status).toBe('queued');
    const email = await settled(id);
    expect(email.status).toBe('sent');
    expect(email.sent_at).not.toBeNull();
    expect(email.events.map((event) => [event.event_type, event.provider])).toEqual([
      ['sent', 'smtp'],
    ]);
    expect(email.attempts).toMatchObject([
      { number: 1, provider_connection_id: first, outcome: 'accepted', trace: ['Primary: used'] },
    ]);
  });

  it('is on record whatever its provider calls it, or those of others', async () => {
    const other = await mail.createAccount();
    const odd = await mail.addConnection(other, {});
    await mail.addConnection(account, {});
    mail.smtp.script(odd, () => ({ ...accepted(), providerMessageId: 'a\u0000\ud800' }));
    const mails = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const owner = index % 2 === 0 ? account : other;
        return { owner, id: (await mail.send(owner)).id };
      }),
    );
    for (const { owner, id } of mails) {
      const { status, attempts } = await settled(id, owner);
      expect([status, attempts.length]).toEqual(['sent', 1]);
    }
  });

  it('fails over at once on a transient fault, with one copy sent', async () => {
    const first = await mail.addConnection(account, { priority: 1, displayName: 'Primary' });
    await mail.addConnection(account, { priority: 2, displayName: 'Backup' });
    mail.smtp.script(first, () => failed('server_error'));
    const { id } = await mail.send(account);
    const email = await settled(id);
    expect(
      email.attempts.map((attempt) => [attempt.provider_connection_name, attempt.outcome]),
    ).toEqual([
      ['Primary', 'failed'],
      ['Backup', 'accepted'],
    ]);
    expect(email.attempts[1]?.trace).toEqual([
      'Primary: passed over, tried just before',
      'Backup: used',
    ]);
    expect(mail.smtp.accepted.filter((copy) => copy.emailId === id)).toHaveLength(1);
  });

  it('stops on a permanent fault and tries no other connection', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, () => ({
      kind: 'rejected',
      scope: 'recipient',
      reason: 'invalid_recipient',
      detail: '550 5.1.1 no such user',
      statusCode: 550,
    }));
    const { id } = await mail.send(account);
    const email = await settled(id);
    expect(email.status).toBe('failed');
    expect(email.status_reason).toContain('no such user');
    expect(email.attempts).toHaveLength(1);
    expect(email.events.map((event) => event.event_type)).toEqual(['failed']);
  });

  it('retries what some recipients deferred by the next connection, for them alone', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    const second = await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, () => ({
      ...(accepted() as Extract<ReturnType<typeof accepted>, { kind: 'accepted' }>),
      recipientFaults: [
        { address: 'b@example.com', kind: 'rejected', reason: 'invalid_recipient', detail: '550' },
        { address: 'c@example.com', kind: 'deferred', reason: 'recipient_deferred', detail: '450' },
      ],
    }));
    const { id } = await mail.send(account, {
      to: ['a@example.com', 'b@example.com', 'c@example.com'],
    });
    const email = await waitFor(
      async () => {
        const now = await mail.get(account, id);
        return now.recipients.every((recipient) => recipient.status !== 'queued') && now;
      },
      { what: 'every recipient to be settled' },
    );
    expect(email.recipients.map((recipient) => recipient.status)).toEqual([
      'sent',
      'failed',
      'sent',
    ]);
    const calls = mail.smtp.calls.filter((call) => call.message.emailId === id);
    expect(calls.map((call) => [call.connectionId, call.message.recipients])).toEqual([
      [first, ['a@example.com', 'b@example.com', 'c@example.com']],
      [second, ['c@example.com']],
    ]);
  });
});

describe('refused credentials', () => {
  it('stop that mail, and the next goes round the connection', async () => {
    const first = await mail.addConnection(account, { priority: 1, displayName: 'Primary' });
    await mail.addConnection(account, { priority: 2, displayName: 'Backup' });
    mail.smtp.script(first, () => failed('auth_failed'));
    const stopped = await settled((await mail.send(account)).id);
    expect([stopped.status, stopped.attempts.length]).toEqual(['failed', 1]);
    const next = await settled((await mail.send(account)).id);
    expect(next.status).toBe('sent');
    expect(next.attempts[0]?.trace).toEqual([
      'Primary: passed over, the provider refuses its credentials',
      'Backup: used',
    ]);
  });

  it('fail over where the account chose so', async () => {
    account = await mail.createAccount({ onAuthFailure: 'fail_over' });
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, () => failed('auth_failed'));
    expect((await settled((await mail.send(account)).id)).status).toBe('sent');
  });
});

describe('a mail nothing can take', () => {
  it('waits, says why, and goes out as soon as a connection is made', async () => {
    const { id } = await mail.send(account);
    await waitFor(
      async () => (await mail.get(account, id)).status_reason?.startsWith('No provider connection'),
      { what: 'the reason' },
    );
    await mail.addConnection(account);
    await wakeWaiting(mail.database.pool, account);
    expect((await settled(id)).status).toBe('sent');
  });

  it('goes by another connection when the one it waited for is deleted', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    mail.smtp.script(first, () => failed('rate_limited'));
    const { id } = await mail.send(account);
    await waitFor(async () => (await mail.get(account, id)).attempts.length > 0, {
      what: 'an attempt',
    });
    await mail.database.kysely.deleteFrom('connections').where('id', '=', first).execute();
    await mail.addConnection(account, { priority: 2 });
    await wakeWaiting(mail.database.pool, account);
    expect((await settled(id)).status).toBe('sent');
  });

  it('fails at its deadline, with the last reason', async () => {
    account = await mail.createAccount({ deadlineSeconds: 1 });
    const first = await mail.addConnection(account);
    mail.smtp.script(first, () => failed('server_error'));
    const email = await settled((await mail.send(account)).id);
    expect(email.status).toBe('failed');
    expect(email.status_reason).toMatch(/^Not sent before its deadline\. server error/);
    expect(email.events.at(-1)?.event_type).toBe('failed');
  });
});

describe('an outcome that is not known', () => {
  it('fails over by default, and both attempts are on record', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, unknown);
    const email = await settled((await mail.send(account)).id);
    expect(email.attempts.map((attempt) => attempt.outcome)).toEqual(['unknown', 'accepted']);
  });

  it('holds the mail where the account chose so, whatever wakes it', async () => {
    account = await mail.createAccount({ onUnknown: 'hold' });
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, unknown);
    const { id } = await mail.send(account);
    const isHeld = async () => {
      const email = await mail.get(account, id);
      return email.status_reason?.startsWith('It may have been sent') && email;
    };
    await waitFor(isHeld, { what: 'the mail to be held' });
    await wakeWaiting(mail.database.pool, account);
    await waitFor(
      async () =>
        (await mail.get(account, id)).next_attempt_at === (await mail.get(account, id)).deadline_at,
      { what: 'the mail to be put back to its deadline' },
    );
    expect((await mail.get(account, id)).attempts).toHaveLength(1);
  });

  it('resends by the same connection where the account chose so', async () => {
    account = await mail.createAccount({ onUnknown: 'resend' });
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, (_, attempt) => (attempt === 1 ? unknown() : accepted()));
    const { id } = await mail.send(account);
    await waitFor(async () => (await mail.get(account, id)).attempts[0]?.outcome === 'unknown', {
      what: 'the first attempt',
    });
    await wakeWaiting(mail.database.pool, account);
    const email = await settled(id);
    expect(email.attempts.map((attempt) => attempt.provider_connection_id)).toEqual([first, first]);
  });
});

describe('test mail and the sandbox', () => {
  it('only ever reaches the sandbox', async () => {
    await mail.addConnection(account, { priority: 1 });
    const sandbox = await mail.addConnection(account, { provider: 'sandbox', priority: 9 });
    const { id } = await mail.send(account, {}, 'test');
    expect((await settled(id)).attempts.map((attempt) => attempt.provider_connection_id)).toEqual([
      sandbox,
    ]);
  });

  it('live mail never falls into a sandbox that stands beside a real connection', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { provider: 'sandbox', priority: 2 });
    mail.smtp.script(first, () => failed('server_error'));
    const { id } = await mail.send(account);
    await waitFor(async () => (await mail.get(account, id)).attempts[0]?.outcome === 'failed', {
      what: 'the attempt',
    });
    expect((await mail.get(account, id)).status).toBe('queued');
    expect(mail.sandbox.calls.filter((call) => call.message.emailId === id)).toEqual([]);
  });
});

describe('the mail of a small account', () => {
  it('goes out while others hold all the places they may and have more waiting', async () => {
    const own = await createMailFixture();
    const answers: (() => void)[] = [];
    let isOver = false;
    const held = () =>
      new Promise<ReturnType<typeof accepted>>((resolve) => {
        const answer = () => resolve(accepted());
        if (isOver) answer();
        else answers.push(answer);
      });
    try {
      const large = [await own.createAccount(), await own.createAccount()];
      const small = await own.createAccount();
      for (const id of large) own.smtp.script(await own.addConnection(id), held);
      await own.addConnection(small);
      await Promise.all(large.flatMap((id) => Array.from({ length: 30 }, () => own.send(id))));
      own.startDispatcher({ pollMs: 50, concurrency: 8 });
      await waitFor(() => answers.length >= 6, { what: 'their places to be held' });
      const { id } = await own.send(small);
      // None of theirs ends.
      await waitFor(async () => (await own.get(small, id)).status === 'sent', {
        what: 'the small account to be served',
      });
      const { rows } = await own.database.pool.query<{ left: number }>(
        'select count(*)::int as left from queue',
      );
      expect(rows[0]?.left).toBeGreaterThan(8);
    } finally {
      isOver = true;
      for (const answer of answers.splice(0)) answer();
      await own.close();
    }
  });
});

describe('a connection that takes few mails at once', () => {
  let own: MailFixture;
  beforeEach(async () => {
    own = await createMailFixture();
    own.smtp.maxSessions = () => 1;
    account = await own.createAccount();
  });
  afterEach(() => own.close());

  const attempts = () => own.database.kysely.selectFrom('attempts').selectAll().execute();

  it('has no more of them on record than are soon tried; all go out', async () => {
    const answers: (() => void)[] = [];
    own.smtp.script(
      await own.addConnection(account),
      () =>
        new Promise((resolve) => {
          answers.push(() => resolve(accepted()));
        }),
    );
    await Promise.all(Array.from({ length: 12 }, () => own.send(account)));
    own.startDispatcher({ pollMs: 50 });
    await waitFor(() => answers.length === 4, { what: 'the slots to be taken' });
    await delay(300);
    // A worker that died now would leave eight mails without a doubt.
    expect(await attempts()).toHaveLength(4);
    await waitFor(
      async () => {
        expect(answers.length).toBeLessThanOrEqual(4);
        answers.shift()?.();
        const left = await own.database.kysely.selectFrom('queue').selectAll().execute();
        return left.length === 0;
      },
      { what: 'all mails to be sent' },
    );
    expect(own.smtp.accepted).toHaveLength(12);
  });

  it('lets those in line go elsewhere once it is deleted', async () => {
    const answers: (() => void)[] = [];
    const first = await own.addConnection(account, { priority: 1, displayName: 'Primary' });
    own.smtp.script(
      first,
      () =>
        new Promise((resolve) => {
          answers.push(() => resolve(accepted()));
        }),
    );
    await Promise.all(Array.from({ length: 12 }, () => own.send(account)));
    own.startDispatcher({ pollMs: 50 });
    await waitFor(() => answers.length === 4, { what: 'the slots to be taken' });
    const second = await own.addConnection(account, { priority: 2, displayName: 'Backup' });
    await own.database.kysely.deleteFrom('connections').where('id', '=', first).execute();
    // The server is slow: those in line have waited for a while when the first of them may go.
    await delay(1_100);
    for (const answer of answers.splice(0)) answer();
    await waitFor(() => own.smtp.accepted.length === 12, { what: 'all mails to be sent' });
    const counts = [first, second].map(
      (id) => own.smtp.accepted.filter(({ connectionId }) => connectionId === id).length,
    );
    expect(counts).toEqual([4, 8]);
  });

  it('lets those in line go elsewhere once it rests', async () => {
    const first = await own.addConnection(account, { priority: 1, displayName: 'Primary' });
    const second = await own.addConnection(account, { priority: 2, displayName: 'Backup' });
    own.smtp.script(first, async () => {
      await delay(20);
      return failed('connect_failed');
    });
    const mails = await Promise.all(Array.from({ length: 40 }, () => own.send(account)));
    own.startDispatcher({ pollMs: 50 });
    await waitFor(() => own.smtp.accepted.length === 40, { what: 'all mails to be sent' });
    expect(own.smtp.accepted.every(({ connectionId }) => connectionId === second)).toBe(true);
    const tried = own.smtp.calls.filter(({ connectionId }) => connectionId === first);
    expect(tried.length).toBeLessThan(20);
    const traces = (await attempts()).map(({ trace }) => trace.join('; '));
    const passedOver = traces.filter((trace) =>
      trace.includes('Primary: passed over, not working'),
    );
    expect(passedOver.length).toBeGreaterThanOrEqual(mails.length - tried.length);
  });
});

describe('a worker with nothing to do', () => {
  it('looks at the queue no more often than it is to, however many accounts have mail waiting', async () => {
    const own = await createMailFixture();
    try {
      for (let index = 0; index < 2 * ACCOUNTS_PER_CLAIM + 10; index += 1) {
        await own.database.pool.query(
          `insert into queue (account_id, email_id, run_at, deadline)
           select gen_random_uuid(), gen_random_uuid(), now() + interval '1 hour', now() + interval '1 day'`,
        );
      }
      const looks: number[] = [];
      const { pool } = own.database;
      const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
      pool.query = ((...args: unknown[]) => {
        const [{ name }] = args as [{ name?: string }];
        if (name === 'claim-emails') looks.push(performance.now());
        return query(...args);
      }) as typeof pool.query;
      own.startDispatcher({ pollMs: 300 });
      // Three to walk over all accounts; then it rests.
      await waitFor(() => looks.length >= 13, { what: 'four walks' });
      const [first = 0, last = 0] = [looks.at(3), looks.at(12)];
      expect(last - first).toBeGreaterThan(600);
    } finally {
      await own.close();
    }
  });
});
