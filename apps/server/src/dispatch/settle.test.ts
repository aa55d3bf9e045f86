import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { accepted, unknown } from '../../test/support/scripted-provider.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Settlement } from '../providers/settlement.ts';
import { newId } from '../lib/ids.ts';
import { wakeWaiting } from '../queue/wake-waiting.ts';

let mail: MailFixture;
let account: string;

beforeAll(async () => {
  mail = await createMailFixture();
  mail.startDispatcher({ pollMs: 50, leaseMs: 2_000 });
});
afterAll(() => mail.close());
beforeEach(async () => {
  account = await mail.createAccount();
});

const settled = (id: string) =>
  waitFor(
    async () => {
      const email = await mail.get(account, id);
      return email.status !== 'queued' && email;
    },
    { what: `email ${id} to be settled`, timeoutMs: 20_000 },
  );

const LEFT: Settlement = {
  kind: 'accepted',
  outcome: {
    ...{ kind: 'accepted', detail: 'found by our id', statusCode: 200 },
    ...{ providerMessageId: 'found-1', recipientFaults: [], events: [] },
  },
};
const askAgain = (afterMs = 0): Settlement => ({ kind: 'ask_again', afterMs, detail: 'not yet' });

async function connectTwo(): Promise<[string, string]> {
  const first = await mail.addConnection(account, { priority: 1 });
  const second = await mail.addConnection(account, { priority: 2 });
  mail.smtp.script(first, unknown);
  return [first, second];
}
const callsOf = (connectionId: string) =>
  mail.smtp.calls.filter((call) => call.connectionId === connectionId).length;
const questionsTo = (connectionId: string) =>
  mail.smtp.questions.filter((question) => question.connectionId === connectionId);
const held = (id: string) =>
  waitFor(
    async () => {
      const email = await mail.get(account, id);
      return email.status_reason?.startsWith('It may have been sent') && email;
    },
    { what: 'the mail to be held' },
  );

describe('an attempt in doubt whose provider can tell', () => {
  it('is sent when the provider says that it left, and no other is made', async () => {
    const [first, second] = await connectTwo();
    mail.smtp.scriptSettle(first, () => LEFT);
    const email = await settled((await mail.send(account)).id);
    expect(email.status).toBe('sent');
    expect(email.attempts).toMatchObject([
      {
        ...{ outcome: 'accepted', detail: 'settled: found by our id' },
        ...{ provider_message_id: 'found-1', provider_connection_id: first },
      },
    ]);
    expect(email.events).toMatchObject([
      { event_type: 'sent', provider: 'smtp', provider_connection_id: first },
    ]);
    expect(callsOf(second)).toBe(0);
  });

  it('is no copy when the provider says that it did not leave', async () => {
    const [first] = await connectTwo();
    mail.smtp.scriptSettle(first, () => ({ kind: 'not_sent', detail: 'no such message' }));
    const email = await settled((await mail.send(account)).id);
    expect(email.attempts).toMatchObject([
      { outcome: 'failed', detail: 'settled: not sent, no such message' },
      { outcome: 'accepted' },
    ]);
  });

  it('goes on at once under hold, too, when it did not leave', async () => {
    account = await mail.createAccount({ onUnknown: 'hold' });
    const [first] = await connectTwo();
    mail.smtp.scriptSettle(first, () => ({ kind: 'not_sent', detail: 'no such message' }));
    const email = await settled((await mail.send(account)).id);
    expect(email.attempts.map(({ outcome }) => outcome)).toEqual(['failed', 'accepted']);
  });

  it('is asked about again, from the queue, until the provider knows', async () => {
    const [first, second] = await connectTwo();
    mail.smtp.scriptSettle(first, (_, question) => (question < 3 ? askAgain() : LEFT));
    const { id } = await mail.send(account);
    const waiting = await held(id);
    expect(waiting.attempts).toMatchObject([{ outcome: 'unknown' }]);
    const email = await settled(id);
    expect(email.attempts).toMatchObject([{ outcome: 'accepted', provider_message_id: 'found-1' }]);
    expect(email.sent_at).not.toBeNull();
    expect(callsOf(second)).toBe(0);
    expect(
      questionsTo(first).map(({ message }) => [message.emailId, message.attemptNumber]),
    ).toEqual(Array.from({ length: 3 }, () => [id, 1]));
  });

  it.each<[string, Settlement | 'throws']>([
    ['can not tell', { kind: 'not_known', detail: 'no search here' }],
    ['would be too slow', askAgain(60_000)],
    ['fails', 'throws'],
  ])('follows the policy when the provider %s', async (_, answer) => {
    const [first, second] = await connectTwo();
    mail.smtp.scriptSettle(first, () => {
      if (answer === 'throws') throw new Error('search is down');
      return answer;
    });
    const email = await settled((await mail.send(account)).id);
    expect(email.attempts.map((a) => [a.provider_connection_id, a.outcome])).toEqual([
      [first, 'unknown'],
      [second, 'accepted'],
    ]);
  });

  it('follows the policy when the provider never answers the question', async () => {
    const [first, second] = await connectTwo();
    mail.smtp.scriptSettle(first, () => new Promise(() => undefined));
    const email = await settled((await mail.send(account)).id);
    expect(email.attempts.map((a) => [a.provider_connection_id, a.outcome])).toEqual([
      [first, 'unknown'],
      [second, 'accepted'],
    ]);
  });

  it('is asked about when the worker that made it is gone', async () => {
    const [first, second] = await connectTwo();
    mail.smtp.scriptSettle(first, () => LEFT);
    const emailId = await leaveAttemptOpen(first);
    const email = await settled(emailId);
    expect(email.attempts).toMatchObject([{ outcome: 'accepted', provider_message_id: 'found-1' }]);
    expect([callsOf(first), callsOf(second)]).toEqual([0, 0]);
  });

  it('is asked about by the next worker when one died between the questions', async () => {
    const [first, second] = await connectTwo();
    const dies = Promise.withResolvers<Settlement>();
    mail.smtp.scriptSettle(first, (_, question) => (question === 1 ? dies.promise : LEFT));
    const { id } = await mail.send(account);
    await waitFor(() => questionsTo(first).length === 1, { what: 'the first question' });
    // As if its process were gone: another has the mail by now.
    await mail.database.kysely
      .updateTable('queue')
      .set({ lease: null, runAt: new Date(0) })
      .where('emailId', '=', id)
      .execute();
    const email = await settled(id);
    dies.resolve({ kind: 'not_sent', detail: 'too late to matter' });
    expect(email.attempts).toMatchObject([{ outcome: 'accepted' }]);
    await waitFor(() => questionsTo(first).length === 2, { what: 'both questions' });
    expect((await mail.get(account, id)).attempts).toHaveLength(1);
    expect(callsOf(second)).toBe(0);
  });
});

/** A mail whose first attempt has no answer and no worker. */
async function leaveAttemptOpen(connectionId: string): Promise<string> {
  const dispatcher = account;
  await mail.database.kysely
    .updateTable('connections')
    .set({ disabledAt: new Date() })
    .where('accountId', '=', dispatcher)
    .execute();
  const { id } = await mail.send(account);
  await waitFor(async () => (await mail.get(account, id)).status_reason, {
    what: 'the mail to wait',
  });
  await mail.database.kysely
    .insertInto('attempts')
    .values({
      ...{ accountId: account, emailId: id, number: 1, connectionId, connectionName: 'First' },
      ...{ provider: 'smtp', lease: newId(), trace: [], startedAt: new Date() },
      ...{ outcome: null, scope: null, reason: null, detail: null, statusCode: null },
      ...{ providerMessageId: null, latencyMs: null, finishedAt: null },
    })
    .execute();
  await mail.database.kysely
    .updateTable('connections')
    .set({ disabledAt: null })
    .where('accountId', '=', account)
    .execute();
  await wakeWaiting(mail.database.pool, account);
  return id;
}

describe('a mail that is held because it may have been sent', () => {
  beforeEach(async () => {
    account = await mail.createAccount({ onUnknown: 'hold' });
  });

  it('stays held while the provider can not be asked, and is sent when it says so later', async () => {
    const [first, second] = await connectTwo();
    mail.smtp.scriptSettle(first, (_, question) => {
      if (question === 1) throw new Error('search is down');
      return LEFT;
    });
    const { id } = await mail.send(account);
    await held(id);
    await wakeWaiting(mail.database.pool, account);
    expect((await settled(id)).attempts).toMatchObject([{ outcome: 'accepted' }]);
    expect(callsOf(second)).toBe(0);
  });

  it('fails at its deadline, saying that it may have been sent', async () => {
    account = await mail.createAccount({ onUnknown: 'hold', deadlineSeconds: 1 });
    const [, second] = await connectTwo();
    const email = await settled((await mail.send(account)).id);
    expect(email.status).toBe('failed');
    expect(email.status_reason).toMatch(/^Its deadline has passed\. It may have been sent: /);
    expect(callsOf(second)).toBe(0);
  });
});

describe('a resend after an attempt in doubt', () => {
  it('is made after the usual wait when the provider can not tell', async () => {
    account = await mail.createAccount({ onUnknown: 'resend' });
    const first = await mail.addConnection(account);
    mail.smtp.script(first, (_, attempt) => (attempt === 1 ? unknown() : accepted()));
    const email = await settled((await mail.send(account)).id);
    expect(email.attempts.map(({ outcome }) => outcome)).toEqual(['unknown', 'accepted']);
  });
});

describe('a held mail that its owner decides of', () => {
  beforeEach(async () => {
    account = await mail.createAccount({ onUnknown: 'hold' });
  });

  it('is sent once more on request, and held again should that be in doubt, too', async () => {
    const first = await mail.addConnection(account);
    mail.smtp.script(first, (_, attempt) => (attempt < 3 ? unknown() : accepted()));
    const { id } = await mail.send(account);
    for (const attempts of [1, 2]) {
      await waitFor(
        async () => {
          const email = await held(id);
          const isDone = email.attempts.filter((a) => a.outcome === 'unknown').length === attempts;
          return isDone && email.next_attempt_at === email.deadline_at;
        },
        { what: `attempt ${attempts} in doubt` },
      );
      await mail.release(account, id, 'resend');
    }
    const email = await settled(id);
    expect(email.attempts.map(({ outcome }) => outcome)).toEqual([
      'unknown',
      'unknown',
      'accepted',
    ]);
  });

  it('fails on request, saying that it may have been sent', async () => {
    const first = await mail.addConnection(account);
    mail.smtp.script(first, unknown);
    const { id } = await mail.send(account);
    await waitFor(async () => (await held(id)).next_attempt_at === (await held(id)).deadline_at, {
      what: 'the mail to wait for its deadline',
    });
    await mail.release(account, id, 'give_up');
    const email = await settled(id);
    expect(email.status).toBe('failed');
    expect(email.status_reason).toMatch(/^Given up on request\. It may have been sent: /);
    expect(callsOf(first)).toBe(1);
  });
});
