import { afterAll, beforeAll, expect, it } from 'vitest';
import { purgeDeletedAccounts } from '../../src/services/accounts/purge-deleted.ts';
import { accountTables, fillAccountTables, readAccountRows } from '../support/account-rows.ts';
import { PASSWORD } from '../support/api-fixture.ts';
import { createSampleApi, type SampleApi, type World } from '../support/sample-api.ts';

let api: SampleApi;
beforeAll(async () => {
  api = await createSampleApi();
});
afterAll(() => api.close());

it("takes a deleted account's rows out of every table there is, and nobody else's", async () => {
  const { pool } = api.database;
  const createFull = async () => {
    const world = await api.createWorld();
    await fillAccountTables(pool, keysOf(world));
    return world;
  };
  const [gone, stays] = [await createFull(), await createFull()];
  const rowsOf = ({ owner: { accountId } }: World) => readAccountRows(pool, accountId);
  const all = ['accounts', ...(await accountTables(pool))];
  expect(Object.keys(await rowsOf(gone))).toEqual(all);
  const before = await rowsOf(stays);

  await gone.owner.call('DELETE', '/auth/me', { body: { password: PASSWORD } });
  await pool.query(`update accounts set deleted_at = now() - interval '1 day' where id = $1`, [
    gone.owner.accountId,
  ]);
  expect(await purgeDeletedAccounts(api.services)).toBe(1);

  expect(await rowsOf(gone)).toEqual({});
  expect(await rowsOf(stays)).toEqual(before);
});

function keysOf({ owner, ids }: World) {
  return {
    ...{ account_id: owner.accountId, state: 'open', provider: 'sendgrid' },
    email_id: ids['emails'] ?? '',
    connection_id: ids['provider_connections'] ?? '',
    endpoint_id: ids['webhook_endpoints'] ?? '',
    delivery_id: ids['deliveries'] ?? '',
    rule_id: ids['routing_rules'] ?? '',
  };
}
