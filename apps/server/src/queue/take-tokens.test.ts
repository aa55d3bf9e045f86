import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { takeTokens } from './take-tokens.ts';

let fixture: MailFixture;
beforeAll(async () => {
  fixture = await createMailFixture();
});
afterAll(() => fixture.close());

it('forgets what a clock that was set back since had counted in the future', async () => {
  const { pool } = fixture.database;
  const accountId = await fixture.createAccount();
  const connectionId = await fixture.addConnection(accountId);
  const request = { accountId, connectionId, wanted: 10, perSecond: 10 };
  const limits = { perDay: null, perMonth: null };
  expect(await takeTokens(pool, { ...request, ...limits })).toMatchObject({ granted: 10 });
  const { granted, waitMs } = await takeTokens(pool, { ...request, ...limits });
  expect([granted, waitMs > 0, waitMs < 1_100]).toEqual([0, true, true]);
  // An hour, in the 25 ms that mails are counted by.
  await pool.query(
    `update connection_paces set recent_slots = array[recent_slots[1] + 3600 * 40]
     where connection_id = $1`,
    [connectionId],
  );
  expect(await takeTokens(pool, { ...request, ...limits })).toMatchObject({ granted: 10 });
});
