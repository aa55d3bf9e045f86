import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signSendGridEvents } from '../fakes/sendgrid-webhooks.ts';
import { quietEventsDeps } from '../support/events-deps.ts';
import { createMailFixture, type MailFixture } from '../support/mail-fixture.ts';
import { waitFor } from '../support/wait-for.ts';
import { createSendGridWebhooks } from '../../src/providers/sendgrid/webhooks.ts';
import { createSmtpWebhooks } from '../../src/providers/smtp/webhooks.ts';
import type { ProviderWebhooks, WebhookRequest } from '../../src/providers/webhooks.ts';
import { findSilentConnections } from '../../src/services/connections/find-silent.ts';
import type { EventsDeps } from '../../src/events/deps.ts';
import { EventProcessor } from '../../src/events/processor.ts';
import { receiveWebhook } from '../../src/events/receive.ts';

const SECRET = 'a-secret-of-24-characters';
const RECIPIENT = 'user@example.com';

let fixture: MailFixture;
let deps: EventsDeps;
let processor: EventProcessor;

beforeAll(async () => {
  fixture = await createMailFixture();
  fixture.startDispatcher();
  deps = quietEventsDeps(fixture);
  processor = new EventProcessor(deps, { pollMs: 20, leaseMs: 5_000, concurrency: 4 });
  processor.start();
});

afterAll(async () => {
  await processor.stop();
  await fixture.close();
});

const untilStatus = (accountId: string, id: string, status: string) =>
  waitFor(async () => (await fixture.get(accountId, id)).status === status, {
    timeoutMs: 20_000,
    what: `a mail that is ${status}`,
  });

/** A mail that the scripted relay took; its connection hears in the words given. */
async function sendAndHear(webhooks: ProviderWebhooks, secret: string) {
  Object.assign(fixture.smtp, { webhooks });
  const accountId = await fixture.createAccount();
  const token = await fixture.addHearingConnection(accountId, secret);
  const { id } = await fixture.send(accountId, { to: RECIPIENT });
  await untilStatus(accountId, id, 'sent');
  const post = (request: WebhookRequest) =>
    receiveWebhook(deps, { provider: 'smtp', token, request });
  return { accountId, id, token, post };
}

const suppressionsOf = async (accountId: string) => {
  const rows = await fixture.database.kysely
    .selectFrom('suppressions')
    .select(['address', 'reason'])
    .where('accountId', '=', accountId)
    .execute();
  return rows.map(({ address, reason }) => [address, reason]);
};

const bounceOf = (id: string) =>
  Buffer.from(`Date: ${new Date().toUTCString()}
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.shop.example

Final-Recipient: rfc822; ${RECIPIENT}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 user unknown

--b
Content-Type: text/rfc822-headers

X-CourierX-Email-Id: ${id}
--b--
`);

describe('a bounce posted by a mail server', () => {
  it('marks the mail and suppresses the address, once, and the secret is not stored', async () => {
    const { accountId, id, post } = await sendAndHear(createSmtpWebhooks(), SECRET);
    const request = { headers: { authorization: `Bearer ${SECRET}` }, body: bounceOf(id) };

    expect(await post({ ...request, headers: {} })).toMatchObject({ kind: 'forged' });
    expect(await post(request)).toEqual({ kind: 'taken' });
    expect(await post(request)).toEqual({ kind: 'taken' });
    await untilStatus(accountId, id, 'bounced');
    expect(await suppressionsOf(accountId)).toEqual([[RECIPIENT, 'bounce']]);
    const { events } = await fixture.get(accountId, id);
    expect(events.filter(({ event_type: type }) => type === 'bounced')).toHaveLength(1);
    const { rows } = await fixture.database.pool.query<{ headers: object }>(
      'select headers from webhook_requests where account_id = $1',
      [accountId],
    );
    expect(JSON.stringify(rows)).not.toContain(SECRET);
  });

  it('is not missed where there is none: such a connection is never flagged as silent', async () => {
    const { accountId, token } = await sendAndHear(createSmtpWebhooks(), SECRET);
    for (let mail = 0; mail < 20; mail += 1) {
      const { id } = await fixture.send(accountId, { to: RECIPIENT });
      await untilStatus(accountId, id, 'sent');
    }
    await findSilentConnections({
      ...fixture,
      now: () => new Date(Date.now() + 60 * 60_000),
    });
    const { silentSince } = await fixture.database.kysely
      .selectFrom('connections')
      .select('silentSince')
      .where('id', '=', token)
      .executeTakeFirstOrThrow();
    expect(silentSince).toBeNull();
  });
});

describe('a batch of SendGrid', () => {
  it('marks the mail; the test button and what is forged mark nothing', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
    const noHttp = {
      request: () => Promise.reject(new Error('not used')),
      close: () => Promise.resolve(),
    };
    const { accountId, id, post } = await sendAndHear(createSendGridWebhooks(noHttp), key);
    const now = new Date();
    const common = { email: RECIPIENT, timestamp: Math.floor(now.getTime() / 1000) };
    const mail = { ...common, cx_email_id: id, sg_message_id: 'abc.recvd-1' };
    const request = signSendGridEvents(
      privateKey,
      [
        { ...mail, event: 'processed', sg_event_id: 'one' },
        { ...mail, event: 'delivered', sg_event_id: 'two', response: '250 OK' },
        { ...mail, event: 'spamreport', sg_event_id: 'three' },
        { ...mail, event: 'group_resubscribe', sg_event_id: 'four' },
        { ...common, event: 'bounce', sg_message_id: '14c5d75ce93.dfd.64b469.x', type: 'bounce' },
      ],
      now,
    );

    expect(await post({ ...request, body: Buffer.from('[]') })).toMatchObject({ kind: 'forged' });
    expect(await post(request)).toEqual({ kind: 'taken' });
    await untilStatus(accountId, id, 'delivered');
    await post(request);
    await waitFor(
      async () => {
        const { rows } = await fixture.database.pool.query(
          'select 1 from webhook_requests where run_at is not null',
        );
        return rows.length === 0;
      },
      { what: 'all requests' },
    );
    expect(await suppressionsOf(accountId)).toEqual([[RECIPIENT, 'complaint']]);
    const { events } = await fixture.get(accountId, id);
    expect(events.filter(({ event_type: type }) => type === 'complained')).toHaveLength(1);
  });
});
