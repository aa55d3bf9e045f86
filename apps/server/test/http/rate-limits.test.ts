import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AccountLimiter } from '../../src/services/rate-limits/account-limiter.ts';
import { faultsOf, type ApiAnswer, type ErrorAnswer } from '../support/api-caller.ts';
import { createApiFixture, PASSWORD, type ApiFixture } from '../support/api-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture({ rateLimitPerMinute: 5, authRateLimitPerMinute: 20 });
});
afterAll(() => api.close());
afterEach(() => api.clock.set(null));

/** Each test has a minute, and a quarter of an hour, of its own. */
let quarters = 0;
function freshMinute(): Date {
  quarters += 1;
  const start = new Date(Math.floor(Date.now() / 900_000) * 900_000 + quarters * 900_000 + 15_000);
  api.clock.set(start);
  return start;
}

function expectLimited(answer: ApiAnswer<unknown>, retryAfter: string): void {
  expect(answer.status, answer.text).toBe(429);
  expect(answer.headers['retry-after']).toBe(retryAfter);
  expect(answer.body).toMatchObject({ error: 'Rate limit exceeded', code: 'rate_limited' });
}

describe('an account', () => {
  it('is told its limit on every answer, also on refusals', async () => {
    const start = freshMinute();
    const me = await api.signUp();
    const reset = String(Math.floor(start.getTime() / 1000) + 45);
    const answers = [
      await me.get('/emails'),
      await me.post<ErrorAnswer>('/emails', {}),
      await me.call('POST', '/emails', { payload: '{' }),
      await me.call('POST', '/emails', { payload: 'x', headers: { 'content-type': 'text/plain' } }),
      await me.get('/emails/1'),
    ];
    expect(answers.map((answer) => answer.status)).toEqual([200, 422, 400, 415, 404]);
    answers.forEach((answer, index) =>
      expect(answer.headers).toMatchObject({
        'x-ratelimit-limit': '5',
        'x-ratelimit-remaining': String(4 - index),
        'x-ratelimit-reset': reset,
      }),
    );
    const over = await me.get('/emails');
    expectLimited(over, '45');
    expect(over.headers['x-ratelimit-remaining']).toBe('0');
    api.clock.advance(44_500);
    expectLimited(await me.get('/emails'), '1');
    api.clock.advance(500);
    expect((await me.get('/emails')).headers['x-ratelimit-remaining']).toBe('4');
  });

  it('has one limit for its sessions and keys, and none for others', async () => {
    freshMinute();
    const [me, other] = [await api.signUp(), await api.signUp()];
    const key = await me.post<{ raw_key: string }>('/api_keys', { name: 'k' });
    const caller = api.caller(key.body.raw_key);
    for (let n = 0; n < 2; n += 1) {
      await me.get('/emails');
      await caller.get('/emails');
    }
    expect((await caller.get('/emails')).status).toBe(429);
    expect((await me.get('/emails')).status).toBe(429);
    expect((await other.get('/emails')).headers['x-ratelimit-remaining']).toBe('4');
  });

  it('may have a limit of its own', async () => {
    freshMinute();
    const me = await api.signUp();
    const set = 'update accounts set rate_limit_per_minute = 2 where id = $1';
    await api.database.pool.query(set, [me.accountId]);
    const answers = [await me.get('/emails'), await me.get('/emails'), await me.get('/emails')];
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 429]);
    expect(answers[0]?.headers['x-ratelimit-limit']).toBe('2');
  });

  it('is counted over all nodes', async () => {
    freshMinute();
    const node = () =>
      new AccountLimiter({ database: api.database, defaultLimit: 10, now: api.clock.now });
    const [one, two] = [node(), node()];
    const account = crypto.randomUUID();
    for (let n = 0; n < 10; n += 1) one.take(account, null);
    await waitFor(() => two.take(account, 1_000_000).remaining < 999_990, {
      what: 'the other node to know',
    });
    expect(two.take(account, null).isExceeded).toBe(true);
    one.close();
    two.close();
  });

  it('is counted once when the database is slow', async () => {
    freshMinute();
    const account = crypto.randomUUID();
    const gate = Promise.withResolvers<undefined>();
    let flushes = 0;
    const query = async (...args: [string, unknown[]]) => {
      flushes += 1;
      if (flushes === 1) await gate.promise;
      return api.database.pool.query<{ key: string; count: number }>(...args);
    };
    const database = {
      ...api.database,
      pool: { query } as unknown as ApiFixture['database']['pool'],
    };
    const limiter = new AccountLimiter({ database, defaultLimit: 100, now: api.clock.now });
    limiter.take(account, null);
    await waitFor(() => flushes > 0, { what: 'the first flush' });
    for (let n = 0; n < 9; n += 1) limiter.take(account, null);
    const asked = performance.now();
    // Longer than the pause between two flushes.
    await waitFor(() => performance.now() - asked > 500, { what: 'the next flush to be due' });
    expect(flushes).toBe(1);
    gate.resolve(undefined);
    const counted = () =>
      api.database.pool
        .query<{ count: number }>('select count from rate_limits where key = $1', [account])
        .then(({ rows }) => rows[0]?.count);
    let taken = 10;
    await waitFor(
      async () => {
        limiter.take(account, null);
        taken += 1;
        return flushes > 1 && (await counted());
      },
      { what: 'the second flush' },
    );
    expect(limiter.take(account, 1_000).remaining).toBe(1_000 - taken - 1);
    limiter.close();
  });

  it('is held up by nobody when the database is away', async () => {
    const away = await createApiFixture({ connection: { host: '127.0.0.1', port: 1, user: 'x' } });
    try {
      const account = crypto.randomUUID();
      for (let n = 0; n < 50; n += 1) {
        expect(away.deps.limiter.take(account, 100).isExceeded).toBe(false);
      }
    } finally {
      await away.close();
    }
  });
});

describe('log-in and sign-up', () => {
  const loginAs = (email: string, password = 'wrong password') =>
    api.anyone.post('/auth/login', { email, password });

  it('take 20 tries a minute from one address', async () => {
    freshMinute();
    for (let n = 0; n < 19; n += 1) {
      expect((await loginAs(`${crypto.randomUUID()}@example.com`)).status).toBe(401);
    }
    await api.signUp();
    expectLimited(await loginAs('a@example.com'), '45');
    const body = { name: 'x', email: 'a@b.example', password: PASSWORD };
    const refused = await api.anyone.post('/auth/register', {
      ...body,
      password_confirmation: PASSWORD,
    });
    expectLimited(refused, '45');
    expect(faultsOf(await api.anyone.post('/auth/login', {}))).toHaveLength(2);
    api.clock.advance(45_000);
    expect((await loginAs('b@example.com')).status).toBe(401);
  });

  it('take 10 tries in 15 minutes at one e-mail, however it is written', async () => {
    freshMinute();
    const me = await api.signUp();
    for (let n = 0; n < 5; n += 1) {
      expect((await loginAs(me.email)).status).toBe(401);
      expect((await loginAs(` ${me.email.toUpperCase()}`)).status).toBe(401);
    }
    expectLimited(await loginAs(me.email, PASSWORD), '885');
    expect((await loginAs('other@example.com')).status).toBe(401);
    api.clock.advance(885_000);
    expect((await loginAs(me.email, PASSWORD)).status).toBe(200);
  });

  it('let ten of racing tries through, no more', async () => {
    freshMinute();
    const email = `${crypto.randomUUID()}@example.com`;
    const answers = await Promise.all(Array.from({ length: 15 }, () => loginAs(email)));
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10);
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(5);
  });
});
