import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { newId } from '../lib/ids.ts';
import { finishAttempts, type Finish } from './finish-attempts.ts';

let fixture: MailFixture;
beforeAll(async () => {
  fixture = await createMailFixture();
});
afterAll(() => fixture.close());

it('keeps what an event told while the step waited for the mail', async () => {
  const { pool } = fixture.database;
  const accountId = await fixture.createAccount();
  await fixture.addConnection(accountId, { priority: 1 });
  const { id: emailId } = await fixture.send(accountId, { to: 'gone@example.com' });
  const lease = randomUUID();
  await pool.query('update queue set lease = $1 where email_id = $2', [lease, emailId]);

  const event = await pool.connect();
  await event.query('begin');
  await event.query('select 1 from queue where email_id = $1 for update', [emailId]);
  const finished = finishAttempts(pool, [
    {
      ...{ accountId, emailId, lease, attempt: null, stateReason: null, reports: null, events: [] },
      ...{ next: { kind: 'done' }, statusChanges: ['sent'] },
    },
  ]);
  await waitFor(
    async () => {
      const { rows } = await pool.query(
        `select 1 from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length > 0;
    },
    { what: 'the step to wait' },
  );
  await event.query(
    `update email_states set recipient_statuses = '{bounced}', status = 'bounced'
     where email_id = $1`,
    [emailId],
  );
  await event.query('commit');
  event.release();

  expect(await finished).toEqual([true]);
  expect((await fixture.get(accountId, emailId)).status).toBe('bounced');
});

it('adds no event twice when the answer to a step was lost and it is written again', async () => {
  const { pool } = fixture.database;
  const accountId = await fixture.createAccount();
  const { id: emailId } = await fixture.send(accountId);
  const lease = randomUUID();
  await pool.query('update queue set lease = $1 where email_id = $2', [lease, emailId]);
  const step: Finish = {
    ...{ accountId, emailId, lease, attempt: null, stateReason: null, reports: null },
    ...{ next: { kind: 'keep' }, statusChanges: ['failed'] },
    events: [
      {
        ...{ id: newId(), type: 'failed', recipient: 'user@example.com', detail: null },
        ...{ provider: null, connectionId: null, occurredAt: null },
      },
    ],
  };
  expect(await finishAttempts(pool, [step])).toEqual([true]);
  expect(await finishAttempts(pool, [step])).toEqual([true]);
  expect((await fixture.get(accountId, emailId)).events).toHaveLength(1);
});
