import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { deleteOldRateLimits } from '../../src/services/rate-limits/delete-old.ts';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture({ defaultLimit: 5 });
});
afterAll(() => fixture.close());

const me = (token: string, node = fixture.call) => node('GET', 'auth/me', { token });

describe('the limit of an account', () => {
  test('is told on every answer behind a token and ends in 429 until the next minute', async () => {
    const { token } = await fixture.createAccount();
    const other = await fixture.createAccount();
    for (const remaining of ['4', '3', '2', '1', '0']) {
      const { status, headers } = await me(token);
      expect(status).toBe(200);
      expect(headers).toMatchObject({
        'x-ratelimit-limit': '5',
        'x-ratelimit-remaining': remaining,
      });
      const resetMs = Number(headers['x-ratelimit-reset']) * 1000 - fixture.clock.now.getTime();
      expect(resetMs).toBeGreaterThan(0);
      expect(resetMs).toBeLessThanOrEqual(60_000);
    }
    const refused = await me(token);
    expect(refused).toMatchObject({
      status: 429,
      body: { error: 'Rate limit exceeded', code: 'rate_limited' },
      headers: { 'x-ratelimit-remaining': '0' },
    });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await me(other.token)).status).toBe(200);
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 60_000);
    expect((await me(token)).status).toBe(200);
  });

  test('counts refusals too, and is told on them', async () => {
    const { token } = await fixture.createAccount();
    const notFound = await fixture.call('GET', 'emails/none', { token });
    expect(notFound).toMatchObject({ status: 404, headers: { 'x-ratelimit-remaining': '4' } });
    const invalid = await fixture.call('POST', 'suppressions', { token, body: {} });
    expect(invalid).toMatchObject({ status: 422, headers: { 'x-ratelimit-remaining': '3' } });
    expect((await fixture.call('GET', 'auth/me')).headers['x-ratelimit-limit']).toBeUndefined();
  });

  test('is shared by the keys of the account and by all nodes', async () => {
    const node = await fixture.createNode();
    const { token, createKey } = await fixture.createAccount();
    const { raw_key: key } = await createKey();
    await me(key);
    await me(key, node.call);
    await me(token, node.call);
    await fixture.limiter.flush();
    await node.limiter.flush();
    expect((await me(token, node.call)).headers['x-ratelimit-remaining']).toBe('0');
    expect((await me(token, node.call)).status).toBe(429);
    await node.limiter.flush();
    // This node has not asked since; one more passes, and with it the news comes.
    expect((await me(token)).status).toBe(200);
    await fixture.limiter.flush();
    expect((await me(token)).status).toBe(429);
  });

  test('adds each request once, however the writes overlap', async () => {
    const { token, account } = await fixture.createAccount();
    await me(token);
    const flushes = [fixture.limiter.flush(), fixture.limiter.flush()];
    await me(token);
    await Promise.all([...flushes, fixture.limiter.flush()]);
    const { rows } = await fixture.services.database.pool.query<{ count: number }>(
      'select count from rate_limits where key = $1',
      [account.id],
    );
    expect(rows).toEqual([{ count: 2 }]);
  });

  test('may be another for one account', async () => {
    const { token, account } = await fixture.createAccount();
    const { kysely } = fixture.services.database;
    await kysely
      .updateTable('accounts')
      .set({ rateLimitPerMinute: 1 })
      .where('id', '=', account.id)
      .execute();
    fixture.authenticator.forget();
    expect(await me(token)).toMatchObject({ status: 200, headers: { 'x-ratelimit-limit': '1' } });
    expect((await me(token)).status).toBe(429);
  });
});

test('windows that are long over are deleted, the others stay', async () => {
  const { pool } = fixture.services.database;
  await pool.query(
    `insert into rate_limits (key, window_start, count)
     values ('old', now() - interval '2 hours', 1), ('new', now() - interval '20 minutes', 1)`,
  );
  await deleteOldRateLimits(fixture.services.database);
  const { rows } = await pool.query<{ key: string }>(
    `select key from rate_limits where key in ('old', 'new')`,
  );
  expect(rows).toEqual([{ key: 'new' }]);
});
