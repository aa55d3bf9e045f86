import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailgunWebhooks } from '../../src/providers/mailgun/webhooks.ts';
import type { EventsDeps } from '../../src/events/deps.ts';
import { EventProcessor } from '../../src/events/processor.ts';
import { receiveWebhook } from '../../src/events/receive.ts';
import { createMailFixture, type MailFixture } from '../support/mail-fixture.ts';
import {
  mailgunEvent,
  mailgunRequest,
  SIGNING_KEY,
  type EventFields,
} from '../support/mailgun-events.ts';
import { quietEventsDeps } from '../support/events-deps.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: MailFixture;
let deps: EventsDeps;
let processor: EventProcessor;

beforeAll(async () => {
  fixture = await createMailFixture();
  const http = {
    request: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  };
  Object.assign(fixture.smtp, { webhooks: createMailgunWebhooks(http) });
  deps = quietEventsDeps(fixture);
  processor = new EventProcessor(deps, { pollMs: 20, leaseMs: 5_000, concurrency: 4 });
  processor.start();
  fixture.startDispatcher();
});
afterAll(async () => {
  await processor.stop();
  await fixture.close();
});

const createConnection = (accountId: string) =>
  fixture.addHearingConnection(accountId, SIGNING_KEY);
const tell = (token: string, event: EventFields) =>
  receiveWebhook(deps, { provider: 'smtp', token, request: mailgunRequest(mailgunEvent(event)) });

describe('events', () => {
  it('of mail that something else sent are let go of within the hour', async () => {
    const token = await createConnection(await fixture.createAccount());
    const { pool } = fixture.database;
    const emailId = crypto.randomUUID();
    await tell(token, { event: 'delivered', recipient: 'a@example.com', messageId: 'of-others' });
    await tell(token, { event: 'delivered', recipient: 'a@example.com', emailId });
    const waiting = async () => {
      const { rows } = await pool.query<{ email_id: string | null }>(
        'select email_id from waiting_events',
      );
      return rows.map((row) => row.email_id);
    };
    await waitFor(async () => (await waiting()).length === 2, { what: 'both events to wait' });
    await pool.query(
      `update waiting_events set received_at = now() - interval '61 minutes', run_at = now()`,
    );
    await waitFor(async () => (await waiting()).length < 2, { what: 'one to be let go of' });
    expect(await waiting()).toEqual([emailId]);
    await pool.query('delete from waiting_events');
  });

  it('with what no database keeps are taken all the same', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const to = ['keen@example.com', 'dead@example.com'];
    const { id: emailId } = await fixture.send(account, { to });
    await waitFor(async () => (await fixture.get(account, emailId)).attempts[0]?.finished_at, {
      what: 'an attempt',
    });
    const url = 'https://yourapp.com/\u0000\ud800';
    await tell(token, { event: 'clicked', recipient: 'keen@example.com', emailId, url });
    const message = `550 5.1.1 ${'x'.repeat(484)}🎉🎉🎉🎉🎉🎉🎉🎉`;
    await tell(token, {
      ...{ event: 'failed', severity: 'permanent', reason: 'bounce' },
      'delivery-status': { code: 550, 'enhanced-code': '5.1.1', message: `${message}\u0000` },
      ...{ recipient: 'dead@example.com', emailId },
    });
    await tell(token, { event: 'opened', recipient: 'o\u0000\udc00@example.com', messageId: 'x' });
    await waitFor(
      async () => {
        const { rows } = await fixture.database.pool.query(
          `select 1 from webhook_requests where run_at is not null`,
        );
        return rows.length === 0;
      },
      { what: 'all events', timeoutMs: 20_000 },
    );
    const shown = (await fixture.get(account, emailId)).recipients;
    expect(shown.map(({ status: word }) => word)).toEqual(['delivered', 'bounced']);
    const suppressed = await fixture.database.kysely
      .selectFrom('suppressions')
      .select('address')
      .where('accountId', '=', account)
      .execute();
    expect(suppressed).toEqual([{ address: 'dead@example.com' }]);
    await fixture.database.pool.query('delete from waiting_events');
  });
});
