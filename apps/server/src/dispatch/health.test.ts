import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { accepted, failed, unknown } from '../../test/support/scripted-provider.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { takeProbe } from '../queue/move-breaker.ts';
import { takeTokens } from '../queue/take-tokens.ts';

let mail: MailFixture;
let account: string;

beforeAll(async () => {
  mail = await createMailFixture();
  // Two engines on one database share all there is to know of a connection.
  mail.startDispatcher({ pollMs: 100 });
  mail.startDispatcher({ pollMs: 100 });
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

const sendMany = (count: number, to = (index: number) => `user${index}@example${index}.com`) =>
  Promise.all(Array.from({ length: count }, (_, index) => mail.send(account, { to: to(index) })));

const breakersOf = (connectionId: string) =>
  mail.database.kysely
    .selectFrom('connectionBreakers')
    .selectAll()
    .where('connectionId', '=', connectionId)
    .orderBy('receiver')
    .execute();

const eventsOf = async (connectionId: string) => {
  const rows = await mail.database.kysely
    .selectFrom('accountEvents')
    .selectAll()
    .where('accountId', '=', account)
    .orderBy('id')
    .execute();
  return rows
    .filter(({ data }) => data['connection_id'] === connectionId)
    .map(({ type, data }) => [type, data['receiver'], data['reason']]);
};

const probeNow = (connectionId: string) =>
  mail.database.kysely
    .updateTable('connectionBreakers')
    .set({ nextProbeAt: new Date(Date.now() - 1_000) })
    .where('connectionId', '=', connectionId)
    .execute();

/** What this process found out by itself is believed for five seconds. */
async function closeWithMail(connectionId: string): Promise<void> {
  await waitFor(
    async () => {
      await probeNow(connectionId);
      await settled((await mail.send(account)).id);
      return (await breakersOf(connectionId)).every(({ state }) => state === 'closed');
    },
    { what: 'the breaker to close', timeoutMs: 20_000 },
  );
}

describe('a provider that is down', () => {
  it('is left alone by both engines, is said to be degraded once, and recovers by probes', async () => {
    const first = await mail.addConnection(account, { priority: 1, displayName: 'Primary' });
    await mail.addConnection(account, { priority: 2, displayName: 'Backup' });
    mail.smtp.script(first, () => failed('connect_failed'));
    const emails = await sendMany(40);
    for (const { id } of emails) expect((await settled(id)).status).toBe('sent');
    expect(await breakersOf(first)).toMatchObject([
      { receiver: '*', state: 'open', reason: 'connect failed', openings: 1 },
    ]);
    const after = await settled((await mail.send(account)).id);
    expect(after.attempts).toHaveLength(1);
    expect(after.attempts[0]?.trace[0]).toMatch(
      /Primary: passed over, not working \(connect failed\)/,
    );

    mail.smtp.script(first, accepted);
    await closeWithMail(first);
    expect(await eventsOf(first)).toEqual([
      ['connection.degraded', null, 'connect failed'],
      ['connection.recovered', null, 'connect failed'],
    ]);
  });

  it('is probed again later each time a probe fails', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, () => failed('connect_failed'));
    for (const { id } of await sendMany(20)) await settled(id);
    await waitFor(
      async () => {
        const [breaker] = await breakersOf(first);
        if (breaker?.openings === 2) return breaker;
        await probeNow(first);
        await settled((await mail.send(account)).id);
        return false;
      },
      { what: 'a failed probe', timeoutMs: 20_000 },
    );
    const [breaker] = await breakersOf(first);
    expect(breaker).toMatchObject({ state: 'open', openings: 2, probes: 0 });
    expect(await eventsOf(first)).toHaveLength(1);
  });

  it('lets a few probes go at a time, over all who ask', async () => {
    const first = await mail.addConnection(account);
    await mail.database.kysely
      .insertInto('connectionBreakers')
      .values({
        ...{ accountId: account, connectionId: first, receiver: '*', state: 'open' },
        ...{ reason: 'test', since: new Date(), openings: 1, nextProbeAt: new Date(0) },
      })
      .execute();
    const key = { accountId: account, connectionId: first, receiver: '*' };
    const ask = () => takeProbe(mail.database.pool, { ...key, atOnce: 3, lifeMs: 60_000 });
    const answers = await Promise.all(Array.from({ length: 20 }, ask));
    expect(answers.filter(Boolean)).toHaveLength(3);
    await mail.database.kysely
      .updateTable('connectionBreakers')
      .set({ probesUntil: new Date(Date.now() - 1) })
      .where('connectionId', '=', first)
      .execute();
    expect(await ask()).toBe(true);
  });

  it('takes an open quota for what it is at the first mail', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, () => failed('quota_exceeded'));
    expect((await settled((await mail.send(account)).id)).attempts).toHaveLength(2);
    const [breaker] = await breakersOf(first);
    expect(breaker).toMatchObject({ state: 'open', reason: 'quota exceeded' });
    expect(breaker?.nextProbeAt.getTime()).toBeGreaterThan(Date.now() + 14 * 60_000);
  });
});

describe('what is no fault of a provider', () => {
  it('bad recipients and bad messages, however many, never mark a connection', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, (_, attempt) => ({
      kind: 'rejected',
      ...(attempt % 2
        ? { scope: 'recipient', reason: 'invalid_recipient' }
        : { scope: 'message', reason: 'invalid_message' }),
      detail: '550 no',
      statusCode: 550,
    }));
    for (const { id } of await sendMany(30)) expect((await settled(id)).status).toBe('failed');
    expect(await breakersOf(first)).toEqual([]);
    mail.smtp.script(first, accepted);
    const good = await settled((await mail.send(account)).id);
    expect(good.attempts).toMatchObject([{ provider_connection_id: first, outcome: 'accepted' }]);
  });

  it('one bad domain, relayed, is passed over for itself alone', async () => {
    const first = await mail.addConnection(account, { priority: 1, displayName: 'Primary' });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, (message) =>
      message.recipients[0]?.endsWith('@broken.example') ? failed('server_error') : accepted(),
    );
    for (const { id } of await sendMany(12, (n) => `u${n}@broken.example`)) {
      expect((await settled(id)).status).toBe('sent');
    }
    expect(await breakersOf(first)).toMatchObject([{ receiver: 'broken.example', state: 'open' }]);
    const bad = await settled((await mail.send(account, { to: 'x@broken.example' })).id);
    expect(bad.attempts[0]?.trace[0]).toContain('not working for broken.example');
    const other = await settled((await mail.send(account, { to: 'x@fine.example' })).id);
    expect(other.attempts).toMatchObject([{ provider_connection_id: first, outcome: 'accepted' }]);
    expect(await eventsOf(first)).toEqual([
      ['connection.degraded', 'broken.example', 'server error'],
    ]);
  });
});

describe('refused credentials in the middle of a burst', () => {
  it('stop the one mail that revealed it; the others fail over, and it is said once', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    const burst = Promise.withResolvers<null>();
    mail.smtp.script(first, async (_, attempt) => {
      if (attempt === 10) burst.resolve(null);
      await burst.promise;
      return failed('auth_failed');
    });
    const emails = await Promise.all((await sendMany(10)).map(({ id }) => settled(id)));
    expect(emails.map(({ status }) => status).sort()).toEqual([
      'failed',
      ...Array.from({ length: 9 }, () => 'sent'),
    ]);
    expect(await eventsOf(first)).toEqual([['connection.degraded', null, 'credentials refused']]);
  });
});

describe('a connection with limits', () => {
  it('never exceeds its cap of a day, and its mail goes elsewhere', async () => {
    const first = await mail.addConnection(account, { priority: 1, maxPerDay: 5 });
    const second = await mail.addConnection(account, { priority: 2 });
    for (const { id } of await sendMany(12)) expect((await settled(id)).status).toBe('sent');
    const by = (connectionId: string) =>
      mail.smtp.accepted.filter((copy) => copy.connectionId === connectionId).length;
    expect([by(first), by(second)]).toEqual([5, 7]);
  });

  it('keeps mail waiting, with the reason, where there is no other way', async () => {
    const first = await mail.addConnection(account, { maxPerMonth: 2, displayName: 'Small' });
    const emails = await sendMany(4);
    await waitFor(() => mail.smtp.calls.filter((c) => c.connectionId === first).length === 2, {
      what: 'two mails',
    });
    const waiting = await waitFor(
      async () => {
        const all = await Promise.all(emails.map(({ id }) => mail.get(account, id)));
        const queued = all.filter(({ status }) => status === 'queued');
        return queued.length === 2 && queued.every((email) => email.status_reason) && queued;
      },
      { what: 'two mails that wait' },
    );
    expect(waiting[0]?.status_reason).toContain('its cap of 2 mails a month is used up');
    expect(Date.parse(waiting[0]?.next_attempt_at ?? '')).toBeGreaterThan(Date.now() + 60_000);
  });

  it('gives back what an outage did not use of a cap', async () => {
    const first = await mail.addConnection(account, { priority: 1, maxPerDay: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, (_, attempt) => (attempt === 1 ? failed('server_error') : accepted()));
    await settled((await mail.send(account)).id);
    const next = await settled((await mail.send(account)).id);
    expect(next.attempts[0]?.provider_connection_id).toBe(first);
  });

  it('sends a burst at its pace by two engines, and none fails', async () => {
    const first = await mail.addConnection(account, { maxPerSecond: 50 });
    const startedAt = performance.now();
    const emails = await sendMany(60);
    for (const { id } of emails) expect((await settled(id)).status).toBe('sent');
    // Fifty may go at once; the other ten not in the same second.
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    expect(mail.smtp.accepted.filter((c) => c.connectionId === first)).toHaveLength(60);
  });

  it('grants no more than the rate in any second, however many ask', async () => {
    const connectionId = await mail.addConnection(account);
    const limits = { perSecond: 10, perDay: null, perMonth: null };
    const granted: number[] = [];
    const end = performance.now() + 2_500;
    const worker = async () => {
      while (performance.now() < end) {
        const asked = { accountId: account, connectionId, wanted: 2, ...limits };
        const grant = await takeTokens(mail.database.pool, asked);
        granted.push(...Array.from({ length: grant.granted }, () => performance.now()));
        if (grant.granted === 2) continue;
        expect(grant.limit).toBe('second');
        await delay(Math.min(100, grant.waitMs));
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: 6 }, worker));
    const seconds = (performance.now() - startedAt) / 1000;
    expect(granted.length).toBeGreaterThanOrEqual(10);
    expect(granted.length).toBeLessThanOrEqual(10 * Math.ceil(seconds));
  });

  it('keeps a rate below one a second', async () => {
    const connectionId = await mail.addConnection(account);
    const limits = { perSecond: 0.2, perDay: null, perMonth: null };
    const ask = () =>
      takeTokens(mail.database.pool, { accountId: account, connectionId, wanted: 3, ...limits });
    expect((await ask()).granted).toBe(1);
    const refused = await ask();
    expect([refused.granted, refused.limit]).toEqual([0, 'second']);
    expect(refused.waitMs).toBeGreaterThan(1_000);
    expect(refused.waitMs).toBeLessThanOrEqual(5_050);
  });

  it('slows down when the provider says so, and every mail is sent', async () => {
    const first = await mail.addConnection(account);
    let refusals = 0;
    mail.smtp.script(first, (_, attempt) => {
      if (attempt % 7 !== 3) return accepted();
      refusals += 1;
      return failed('rate_limited');
    });
    const emails = await sendMany(10);
    for (const { id } of emails) expect((await settled(id)).status).toBe('sent');
    expect(refusals).toBeGreaterThan(0);
    const pace = await mail.database.kysely
      .selectFrom('connectionPaces')
      .selectAll()
      .where('connectionId', '=', first)
      .executeTakeFirstOrThrow();
    expect(pace.throttledRate).toBeGreaterThan(0);
    expect(await breakersOf(first)).toEqual([]);
  });
});

describe('a standby that is kept warm', () => {
  it('takes about its share of mail first', async () => {
    await mail.addConnection(account, { priority: 1 });
    const standby = await mail.addConnection(account, { priority: 2, keepWarmPercent: 25 });
    for (const { id } of await sendMany(80)) await settled(id);
    const share = mail.smtp.accepted.filter((copy) => copy.connectionId === standby).length;
    expect(share).toBeGreaterThan(3);
    expect(share).toBeLessThan(45);
  });
});

describe('a provider that does not answer', () => {
  it('counts as down, so that only a few mails are in doubt', async () => {
    const first = await mail.addConnection(account, { priority: 1 });
    await mail.addConnection(account, { priority: 2 });
    mail.smtp.script(first, unknown);
    for (let index = 0; index < 12; index += 1) await settled((await mail.send(account)).id);
    const calls = mail.smtp.calls.filter(({ connectionId }) => connectionId === first);
    expect(calls.length).toBeLessThanOrEqual(10);
    expect(await breakersOf(first)).toMatchObject([{ receiver: '*', state: 'open' }]);
  });
});
