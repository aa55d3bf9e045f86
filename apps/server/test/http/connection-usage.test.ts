import type { ConnectionUsage, ProviderConnection } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { takeTokens } from '../../src/queue/take-tokens.ts';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

const PATH = 'provider_connections';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());

async function createOwner() {
  const { token, account } = await fixture.createAccount();
  const call = (method: 'GET' | 'POST', path: string, body?: unknown) =>
    fixture.call(method, path, { token, ...(body !== undefined && { body }) });
  return {
    accountId: account.id,
    async connect(over: object) {
      const credentials = { provider: 'sendgrid', api_key: 'SG.secret-api-key-0001' };
      const { body } = await call('POST', PATH, { ...credentials, ...over });
      return (body as unknown as ProviderConnection).id;
    },
    async usage() {
      const { status, body } = await call('GET', `${PATH}/usage`);
      expect(status).toBe(200);
      return body as unknown as ConnectionUsage[];
    },
    async attempt(connectionId: string, outcome: string | null, latencyMs: number | null) {
      await fixture.services.database.pool.query(
        `insert into attempts (account_id, email_id, number, connection_id, connection_name,
                               provider, lease, trace, outcome, latency_ms, started_at)
         values ($1, $2, 1, $3, 'x', 'sendgrid', $4, '{}', $5, $6, now())`,
        [account.id, newId(), connectionId, newId(), outcome, latencyMs],
      );
    },
  };
}

describe('GET /provider_connections/usage', () => {
  test('tells shares and latency over what was accepted, in the order of priority', async () => {
    const owner = await createOwner();
    const second = await owner.connect({ priority: 2 });
    const first = await owner.connect({ priority: 1 });
    const idle = await owner.connect({ priority: 3 });
    for (const latency of [100, 200, 300]) await owner.attempt(first, 'accepted', latency);
    await owner.attempt(first, 'failed', 15_000);
    await owner.attempt(first, null, null);
    await owner.attempt(second, 'accepted', 50);
    const none = { used_today: null, used_this_month: null };
    expect(await owner.usage()).toEqual([
      {
        ...{ connection_id: first, attempts: 5, accepted: 3, share: 0.75, ...none },
        latency_ms: { median: 200, p95: 290 },
      },
      {
        ...{ connection_id: second, attempts: 1, accepted: 1, share: 0.25, ...none },
        latency_ms: { median: 50, p95: 50 },
      },
      {
        ...{ connection_id: idle, attempts: 0, accepted: 0, share: 0, ...none },
        latency_ms: null,
      },
    ]);
  });

  test('looks at the newest 1,000 attempts, and at no other account', async () => {
    const [owner, other] = [await createOwner(), await createOwner()];
    const theirs = await other.connect({});
    const [old, fresh] = [await owner.connect({}), await owner.connect({})];
    await owner.attempt(old, 'accepted', 10);
    await other.attempt(theirs, 'accepted', 10);
    await fixture.services.database.pool.query(
      `insert into attempts (account_id, email_id, number, connection_id, connection_name,
                             provider, lease, trace, outcome, latency_ms, started_at)
       select $1, $2, n, $3, 'x', 'sendgrid', $2, '{}', 'accepted', 20, now()
       from generate_series(1, 1000) n`,
      [owner.accountId, newId(), fresh],
    );
    const [oldUsage, freshUsage] = await owner.usage();
    expect(oldUsage).toMatchObject({ connection_id: old, attempts: 0, share: 0 });
    expect(freshUsage).toMatchObject({ connection_id: fresh, attempts: 1000, share: 1 });
    expect(await other.usage()).toMatchObject([{ connection_id: theirs, attempts: 1, share: 1 }]);
  });

  test('tells what the pacer counted of each cap', async () => {
    const owner = await createOwner();
    const { pool } = fixture.services.database;
    const capped = await owner.connect({ max_per_day: 100 });
    const quiet = await owner.connect({ max_per_day: 100, max_per_month: 5000 });
    const { accountId } = owner;
    const caps = { perSecond: null, perDay: 100, perMonth: null };
    await takeTokens(pool, { accountId, connectionId: capped, wanted: 7, ...caps });
    await takeTokens(pool, { accountId, connectionId: quiet, wanted: 3, ...caps });
    await pool.query(
      `update connection_paces set day = day - 1, month = month - interval '1 month'
       where account_id = $1 and connection_id = $2`,
      [accountId, quiet],
    );
    expect(await owner.usage()).toMatchObject([
      { connection_id: capped, used_today: 7, used_this_month: null },
      { connection_id: quiet, used_today: 0, used_this_month: 0 },
    ]);
  });
});
