import { afterAll, beforeAll, describe, it } from 'vitest';
import { quietEventsDeps } from '../../test/support/events-deps.ts';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import {
  mailgunEvent,
  mailgunRequest,
  SIGNING_KEY,
  type EventFields,
} from '../../test/support/mailgun-events.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { createMailgunWebhooks } from '../providers/mailgun/webhooks.ts';
import type { WebhookContext, WebhookRequest } from '../providers/webhooks.ts';
import type { EventsDeps } from './deps.ts';
import { EventProcessor } from './processor.ts';
import { receiveWebhook } from './receive.ts';

let fixture: MailFixture;
let deps: EventsDeps;
let processor: EventProcessor;

/** Sending and hearing back are apart here: the scripted relay sends, Mailgun's words are heard. */
beforeAll(async () => {
  fixture = await createMailFixture();
  Object.assign(fixture.smtp, { webhooks: createMailgunWebhooks(noHttp) });
  deps = quietEventsDeps(fixture);
  processor = new EventProcessor(deps, { pollMs: 20, leaseMs: 5_000, concurrency: 4 });
  processor.start();
  fixture.startDispatcher({ pollMs: 50 });
});

afterAll(async () => {
  await processor.stop();
  await fixture.close();
});

const noHttp = {
  request: () => Promise.reject(new Error('not used')),
  close: () => Promise.resolve(),
};

const createConnection = (accountId: string) =>
  fixture.addHearingConnection(accountId, SIGNING_KEY);

const tell = (token: string, event: EventFields) =>
  receiveWebhook(deps, {
    ...{ provider: 'smtp', token },
    request: mailgunRequest(mailgunEvent(event)),
  });

const untilProcessed = () =>
  waitFor(
    async () => {
      const { rows } = await fixture.database.pool.query<{ n: number }>(
        `select (select count(*) from webhook_requests where run_at is not null)::int
              + (select count(*) from waiting_events)::int as n`,
      );
      return rows[0]?.n === 0;
    },
    { what: 'all events' },
  );

async function sendOne(accountId: string, body = {}) {
  const { id } = await fixture.send(accountId, body);
  await waitFor(async () => (await fixture.get(accountId, id)).attempts[0]?.finished_at, {
    what: 'an attempt',
  });
  return id;
}

describe('a request that takes long', () => {
  it('holds up no other', async () => {
    const webhooks = createMailgunWebhooks(noHttp);
    const recipient = 'user@example.com';
    const [slow, account] = [await fixture.createAccount(), await fixture.createAccount()];
    const [slowToken, token] = [await createConnection(slow), await createConnection(account)];
    const [slowId, emailId] = [await sendOne(slow), await sendOne(account)];
    let end: () => void = () => undefined;
    const confirmed = new Promise<boolean>((resolve) => (end = () => resolve(true)));
    const confirm = (_: WebhookRequest, { connection }: WebhookContext) =>
      connection.accountId === slow ? confirmed : Promise.resolve(true);
    Object.assign(fixture.smtp, { webhooks: { ...webhooks, confirm } });
    try {
      await tell(slowToken, { event: 'delivered', recipient, emailId: slowId });
      const isTaken = async () => {
        const { rows } = await fixture.database.pool.query(
          'select 1 from webhook_requests where account_id = $1 and lease is not null',
          [slow],
        );
        return rows.length === 1;
      };
      await waitFor(isTaken, { what: 'the first to be worked on' });
      await tell(token, { event: 'delivered', recipient, emailId });
      await waitFor(async () => (await fixture.get(account, emailId)).status === 'delivered', {
        what: 'the other event to be applied',
      });
    } finally {
      end();
      Object.assign(fixture.smtp, { webhooks });
    }
    await untilProcessed();
  });
});

describe('an event that waits for its mail and can not be worked on', () => {
  it('holds up no other, and is given up in the end', async () => {
    const { pool } = fixture.database;
    const broken = await fixture.createAccount();
    const brokenId = await createConnection(broken);
    type Owner = { accountId: string; id: string };
    const insert = (count: number, { accountId, id }: Owner, event: object) =>
      pool.query(
        `insert into waiting_events (account_id, id, connection_id, fingerprint, event)
         select $1, gen_random_uuid(), $2, 'f' || n, $4 from generate_series(1, $3::int) n`,
        [accountId, id, count, JSON.stringify(event)],
      );
    const nobodys = { type: 'delivered', word: 'delivered', occurredAt: null };
    const account = await fixture.createAccount();
    const connectionId = await createConnection(account);
    const emailId = await sendOne(account, { to: 'ada@example.com' });
    // As where the key of one account is not among those the server has.
    await pool.query(`update accounts set data_key_master = 'gone' where id = $1`, [broken]);
    await insert(40, { accountId: broken, id: brokenId }, { ...nobodys, recipient: null });
    await insert(
      1,
      { accountId: account, id: connectionId },
      {
        ...{ ...nobodys, emailId, recipient: 'ada@example.com' },
        ...{
          providerEventId: 'e1',
          providerMessageId: null,
          detail: null,
          bounce: null,
          url: null,
        },
      },
    );
    await waitFor(async () => (await fixture.get(account, emailId)).status === 'delivered', {
      what: 'the other event to be applied',
      timeoutMs: 3_000,
    });
    await pool.query(
      `update waiting_events set received_at = now() - interval '4 days', run_at = now()
       where account_id = $1`,
      [broken],
    );
    await untilProcessed();
  });
});
