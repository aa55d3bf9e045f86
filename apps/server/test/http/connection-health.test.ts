import type { ProviderConnection } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { invalidateConnection } from '../../src/queue/invalidate-connection.ts';
import { openBreaker } from '../../src/queue/move-breaker.ts';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

const PATH = 'provider_connections';
const CREDENTIALS = { provider: 'sendgrid', api_key: 'SG.secret-api-key-0001' };

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());

async function createOwner() {
  const { token, account } = await fixture.createAccount();
  const call = (method: 'GET' | 'POST' | 'PATCH', path: string, body?: unknown) =>
    fixture.call(method, path, { token, ...(body !== undefined && { body }) });
  return {
    ...{ call, accountId: account.id },
    async connect(over = {}) {
      const { body } = await call('POST', PATH, { ...CREDENTIALS, ...over });
      return body as unknown as ProviderConnection;
    },
    async get(id: string) {
      return (await call('GET', `${PATH}/${id}`)).body as unknown as ProviderConnection;
    },
    async events() {
      const { rows } = await fixture.services.database.pool.query<{
        type: string;
        receiver: string;
      }>(
        `select type, data->>'receiver' as receiver from account_events
         where account_id = $1 order by id`,
        [account.id],
      );
      return rows.map(({ type, receiver }) => [type, receiver]);
    },
  };
}

const pool = () => fixture.services.database.pool;
const opening = { version: 1, reason: 'connect failed', openings: 1, openMs: 60_000 };

describe('caps of a connection', () => {
  test('are taken, shown, changed and taken away', async () => {
    const owner = await createOwner();
    const caps = { max_per_second: 0.5, max_per_day: 100, max_per_month: 2_000 };
    const made = await owner.connect({ ...caps, keep_warm_percent: 5 });
    expect(made).toMatchObject({ ...caps, keep_warm_percent: 5, learned: null });
    const change = { max_per_second: 14, max_per_day: null };
    const changed = await owner.call('PATCH', `${PATH}/${made.id}`, change);
    expect(changed.body).toMatchObject({ ...caps, ...change });
    expect((await owner.connect()).max_per_second).toBeNull();
  });

  test.each<[object, RegExp]>([
    [{ max_per_second: 0 }, /^max_per_second must be at least 0.01/],
    [{ max_per_second: 'fast' }, /^max_per_second must be a number/],
    [{ max_per_day: -1 }, /^max_per_day must be at least 1/],
    [{ max_per_day: 1.5 }, /^max_per_day must be a whole number/],
    [{ max_per_month: 1e12 }, /^max_per_month must be at most/],
    [{ keep_warm_percent: 51 }, /^keep_warm_percent must be at most 50/],
    [{ max_per_hour: 5 }, /^Unknown field: max_per_hour/],
  ])('of nonsense are refused: %j', async (over, message) => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    for (const answer of [
      await owner.call('POST', PATH, { ...CREDENTIALS, ...over }),
      await owner.call('PATCH', `${PATH}/${id}`, over),
    ]) {
      expect(answer.status).toBe(422);
      expect(answer.body['errors']).toEqual([expect.stringMatching(message)]);
    }
  });

  test('that are changed let waiting mail go', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect({ max_per_day: 1 });
    const mail = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hi' };
    const { body: email } = await owner.call('POST', 'emails', mail);
    const values = [email['id']];
    await pool().query(
      `update queue set run_at = now() + interval '1 hour' where email_id = $1`,
      values,
    );
    await owner.call('PATCH', `${PATH}/${id}`, { max_per_day: 2 });
    const due = 'select run_at <= now() as due from queue where email_id = $1';
    expect((await pool().query(due, values)).rows).toEqual([{ due: true }]);
  });
});

test('what a provider says of itself is kept and shown', async () => {
  const owner = await createOwner();
  const learned = {
    ...{ maxSendRate: 14, dailyQuota: 50_000, sentToday: 12, isSandboxed: false },
    verifiedSenders: ['example.com'],
  };
  fixture.sendgrid.verification = () =>
    Promise.resolve({ status: 'verified', message: 'Looks good', learned });
  const made = await owner.connect();
  fixture.sendgrid.says('verified', 'Looks good');
  const shown = {
    ...{ max_send_rate: 14, daily_quota: 50_000, sent_today: 12, sandboxed: false },
    verified_senders: ['example.com'],
  };
  expect(made.learned).toEqual(shown);
  await owner.call('POST', `${PATH}/${made.id}/verify`);
  expect((await owner.get(made.id)).learned).toEqual(shown);
});

describe('the health of a connection', () => {
  test('is healthy at first, and shows what is open for all and for one receiver', async () => {
    const owner = await createOwner();
    const { id, health } = await owner.connect();
    expect(health).toEqual({
      ...{ state: 'healthy', since: null, reason: null, next_probe_at: null, receivers: [] },
    });
    const key = { accountId: owner.accountId, connectionId: id };
    await openBreaker(pool(), { ...key, ...opening, receiver: 'gmail' });
    const degraded = await owner.get(id);
    expect(degraded).toMatchObject({
      paused_until: null,
      health: { state: 'degraded', receivers: [{ receiver: 'gmail', state: 'down' }] },
    });
    await openBreaker(pool(), { ...key, ...opening, receiver: '*' });
    const down = await owner.get(id);
    expect(down.health).toMatchObject({ state: 'down', reason: 'connect failed' });
    expect(down.paused_until).toBe(down.health.next_probe_at);
    expect(await owner.events()).toEqual([
      ['connection.degraded', 'gmail'],
      ['connection.degraded', null],
    ]);
    const listed = await owner.call('GET', PATH);
    expect(listed.list[0]).toEqual(down);
  });

  test('is opened once, however many workers see the faults', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    const key = { accountId: owner.accountId, connectionId: id, receiver: '*' };
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => openBreaker(pool(), { ...key, ...opening })),
    );
    expect(opened.filter(Boolean)).toHaveLength(1);
    expect(await owner.events()).toEqual([['connection.degraded', null]]);
  });

  test('says nothing of new credentials when the faults were of the old', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    const key = { accountId: owner.accountId, connectionId: id, receiver: '*' };
    await openBreaker(pool(), { ...key, ...opening });
    await owner.call('PATCH', `${PATH}/${id}`, { api_key: 'SG.another-api-key-2' });
    expect((await owner.get(id)).health.state).toBe('healthy');
    expect(await openBreaker(pool(), { ...key, ...opening })).toBe(false);
    expect(await owner.events()).toEqual([
      ['connection.degraded', null],
      ['connection.recovered', null],
    ]);
  });

  test('is tried at once after the provider was asked and said yes', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    const key = { accountId: owner.accountId, connectionId: id, receiver: '*' };
    await openBreaker(pool(), { ...key, ...opening });
    await owner.call('POST', `${PATH}/${id}/verify`);
    const { health } = await owner.get(id);
    expect(health.state).toBe('down');
    expect(Date.parse(health.next_probe_at ?? '')).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  test('tells of refused credentials once, and once when they are taken again', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    const fault = { accountId: owner.accountId, connectionId: id, version: 1, message: '401' };
    const marked = await Promise.all(
      Array.from({ length: 5 }, () => invalidateConnection(pool(), fault)),
    );
    expect(marked.filter(Boolean)).toHaveLength(1);
    const { health } = await owner.get(id);
    expect(health).toMatchObject({ state: 'invalid', reason: '401' });
    expect(health.since).not.toBeNull();
    fixture.sendgrid.says('failed', 'still refused');
    await owner.call('POST', `${PATH}/${id}/verify`);
    expect((await owner.get(id)).health.since).toBe(health.since);
    fixture.sendgrid.says('verified', 'Looks good');
    await owner.call('POST', `${PATH}/${id}/verify`);
    await owner.call('POST', `${PATH}/${id}/verify`);
    expect(await owner.events()).toEqual([
      ['connection.degraded', null],
      ['connection.recovered', null],
    ]);
  });
});

describe('POST /emails/:id/release', () => {
  async function sendHeld(owner: Awaited<ReturnType<typeof createOwner>>) {
    await owner.call('PATCH', 'auth/me', { on_unknown: 'hold' });
    const mail = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hi' };
    const { body } = await owner.call('POST', 'emails', mail);
    return String(body['id']);
  }

  test('is refused for a mail that is not held, and for what does not exist', async () => {
    const owner = await createOwner();
    const other = await createOwner();
    const id = await sendHeld(owner);
    const body = { action: 'resend' };
    expect((await owner.call('POST', `emails/${id}/release`, body)).status).toBe(409);
    expect((await other.call('POST', `emails/${id}/release`, body)).status).toBe(404);
    const wrong = await owner.call('POST', `emails/${id}/release`, { action: 'retry', now: true });
    expect([wrong.status, (wrong.body['errors'] as unknown[]).length]).toEqual([422, 2]);
  });
});
