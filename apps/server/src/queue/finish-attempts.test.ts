import { afterAll, beforeAll, expect, it } from 'vitest';
import { finishAttempts } from './finish-attempts.ts';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { waitFor } from '../../test/support/wait-for.ts';

let fixture: MailFixture;
beforeAll(async () => {
  fixture = await createMailFixture();
});
afterAll(() => fixture.close());

it('an event that comes while an attempt ends is not undone by its end', async () => {
  const { pool } = fixture.database;
  const accountId = await fixture.createAccount();
  const { id: emailId } = await fixture.send(accountId);
  const lease = crypto.randomUUID();
  await pool.query('update queue set lease = $2 where email_id = $1', [emailId, lease]);

  const event = await pool.connect();
  await event.query('begin');
  await event.query('select 1 from queue where email_id = $1 for update', [emailId]);
  await event.query(
    `update email_states set recipient_statuses = '{bounced}', status = 'bounced'
     where email_id = $1`,
    [emailId],
  );
  const ended = finishAttempts(pool, [
    {
      ...{ accountId, emailId, lease, events: [], attempt: null, stateReason: null },
      ...{ next: { kind: 'done' }, statusChanges: ['sent'], reports: null },
    },
  ]);
  const isWaiting = async () => {
    const { rows } = await pool.query(
      `select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    return rows.length > 0;
  };
  await waitFor(isWaiting, { what: 'the end of the attempt to wait for the event' });
  await event.query('commit');
  event.release();

  expect(await ended).toEqual([true]);
  expect((await fixture.get(accountId, emailId)).status).toBe('bounced');
});
