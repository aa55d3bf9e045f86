import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookDeliveryDetail } from '@courierx/contract';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answers, startReceiver, type Behaviour } from '../fakes/webhook-receiver.ts';
import { createMailFixture, principalOf, type MailFixture } from '../support/mail-fixture.ts';
import { waitFor } from '../support/wait-for.ts';
import { newId } from '../../src/lib/ids.ts';
import { createOutboundGuard } from '../../src/lib/outbound-guard.ts';
import { createPost } from '../../src/post-webhook.ts';
import { createProviderHttp, type ProviderHttp } from '../../src/providers/http.ts';
import { createWebhookEndpoint } from '../../src/services/webhook-endpoints/create.ts';
import { getWebhookDelivery } from '../../src/services/webhook-endpoints/get-delivery.ts';
import { getWebhookEndpoint } from '../../src/services/webhook-endpoints/get.ts';
import { listWebhookDeliveries } from '../../src/services/webhook-endpoints/list-deliveries.ts';
import {
  replayWebhookDelivery,
  replayWebhooks,
} from '../../src/services/webhook-endpoints/replay.ts';
import { rotateWebhookSecret } from '../../src/services/webhook-endpoints/rotate-secret.ts';
import { updateWebhookEndpoint } from '../../src/services/webhook-endpoints/update.ts';
import { claimDeliveries } from '../../src/webhooks/claim-deliveries.ts';
import { WebhookDeliverer } from '../../src/webhooks/deliverer.ts';
import { DEFAULT_WEBHOOK_SETTINGS, type WebhookSettings } from '../../src/webhooks/deps.ts';

const NIL = '00000000-0000-0000-0000-000000000000';
const FAST: Partial<WebhookSettings> = {
  pollMs: 20,
  schedule: { delaysMs: [20, 20, 20], disableAfterMs: 3_600_000 },
};

let mail: MailFixture;
let http: ProviderHttp;
const closers: (() => Promise<void>)[] = [];

beforeAll(async () => {
  mail = await createMailFixture();
  const timeLimits = { connectMs: 500, firstByteMs: 500, totalMs: 1_000 };
  http = createProviderHttp({
    guard: createOutboundGuard({ privateNetworks: 'allow' }),
    timeLimits,
  });
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});
afterAll(async () => {
  await http.close();
  await mail.close();
});

function startDeliverer(over: Partial<WebhookSettings> = {}, client = http) {
  const deliverer = new WebhookDeliverer({
    ...{ database: mail.database, keyring: mail.keyring, log: pino({ level: 'silent' }) },
    post: createPost(client, () => new Date()),
    random: Math.random,
    settings: { ...DEFAULT_WEBHOOK_SETTINGS, ...FAST, ...over },
    onTried: () => undefined,
  });
  deliverer.start();
  closers.push(() => deliverer.stop(5_000));
  return deliverer;
}

async function startEndpoint(behaviour?: Behaviour, options: Options = {}) {
  const receiver = await startReceiver(behaviour);
  closers.push(() => receiver.close());
  const accountId = options.accountId ?? (await mail.createAccount());
  const endpoint = await addEndpoint(accountId, receiver.url, options.events);
  return { receiver, accountId, endpoint };
}

type Options = { accountId?: string; events?: string[] };

function addEndpoint(accountId: string, url: string, events: string[] = []) {
  const deps = { ...mail, guard: { allowsPrivateNetworks: true } };
  const body = { sound: { url, events }, faults: [], unsound: new Set<string>() };
  return createWebhookEndpoint(deps, principalOf(accountId), body);
}

async function addEvents(accountId: string, count = 1, type = 'delivered') {
  await mail.database.pool.query(
    `insert into email_events (account_id, email_id, id, type, recipient, provider, occurred_at)
     select $1, gen_random_uuid(), gen_random_uuid(), $3, 'user@example.com', 'smtp', now()
     from generate_series(1, $2)`,
    [accountId, count, type],
  );
}

async function deliveriesOf(accountId: string, { id }: { id: string }) {
  const query = { per_page: 100 };
  const page = await listWebhookDeliveries(mail, principalOf(accountId), { id, query });
  return page.items;
}

/** The one delivery of an endpoint, as soon as it is what is waited for. */
function waitForDelivery(
  accountId: string,
  endpoint: { id: string },
  isThere: (delivery: WebhookDeliveryDetail) => boolean,
) {
  return waitFor(
    async () => {
      const [first] = await deliveriesOf(accountId, endpoint);
      if (!first) return null;
      const key = { endpointId: endpoint.id, deliveryId: first.id };
      const detail = await getWebhookDelivery(mail, principalOf(accountId), key);
      return isThere(detail) && detail;
    },
    { what: 'the delivery' },
  );
}

const isOver = ({ status }: { status: string }) => status !== 'pending';

describe('a delivery', () => {
  test('tells of a mail that was sent, with its metadata, signed', async () => {
    const { receiver, accountId, endpoint } = await startEndpoint();
    await mail.addConnection(accountId);
    startDeliverer();
    const dispatcher = mail.startDispatcher();
    const { id } = await mail.send(accountId, { metadata: { user_id: 'usr_123' } });
    const got = await waitFor(() => receiver.received[0], { what: 'the webhook' });
    await dispatcher.stop(5_000);
    const headers = got.headers as Record<string, string>;
    expect(new Webhook(endpoint.secret).verify(got.body, headers)).toEqual({
      event: 'sent',
      email_id: id,
      recipient: 'user@example.com',
      provider: 'smtp',
      timestamp: expect.stringMatching(/Z$/) as string,
      metadata: { user_id: 'usr_123' },
    });
    const delivery = await waitForDelivery(accountId, endpoint, isOver);
    expect(delivery).toMatchObject({
      ...{ id: got.id, status: 'succeeded', next_attempt_at: null, last_status_code: 200 },
      attempts: [{ number: 1, status_code: 200, answer: 'answer 200', error: null }],
    });
    expect(delivery.request.body).toBe(got.body);
    expect(got.headers).toMatchObject(delivery.request.headers);
  });

  test('of 500 and then 200 arrives under the same id', async () => {
    const { receiver, accountId, endpoint } = await startEndpoint((response, nth) =>
      answers(nth === 1 ? 500 : 200)(response, nth),
    );
    startDeliverer();
    await addEvents(accountId);
    const delivery = await waitForDelivery(accountId, endpoint, isOver);
    expect(delivery.attempts.map((attempt) => attempt.status_code)).toEqual([500, 200]);
    expect(receiver.received.map(({ id }) => id)).toEqual([delivery.id, delivery.id]);
    const after = await getWebhookEndpoint(mail, principalOf(accountId), endpoint.id);
    expect(after.failing_since).toBeNull();
  });

  test.each<[string, Behaviour, RegExp, number | null]>([
    ['a redirect', answers(302, { location: 'http://127.0.0.1:1/' }), /not followed/, 302],
    ['a hang', () => undefined, /response_timeout/, null],
    ['a cut connection', (response) => response.socket?.destroy(), /connection_lost/, null],
  ])(
    '%s is a failure, tried again and then given up',
    async (_name, ...[behaviour, error, status]) => {
      const { receiver, accountId, endpoint } = await startEndpoint(behaviour);
      startDeliverer();
      await addEvents(accountId);
      const delivery = await waitForDelivery(accountId, endpoint, isOver);
      expect(delivery).toMatchObject({ status: 'failed', last_status_code: status });
      expect(delivery.last_error).toMatch(error);
      expect(receiver.received).toHaveLength(4);
      const after = await getWebhookEndpoint(mail, principalOf(accountId), endpoint.id);
      expect(after).toMatchObject({ enabled: true, failing_since: expect.any(String) as string });
    },
  );

  test('waits as long as Retry-After says', async () => {
    const { accountId, endpoint } = await startEndpoint(answers(429, { 'retry-after': '1800' }));
    startDeliverer();
    await addEvents(accountId);
    const delivery = await waitForDelivery(accountId, endpoint, (d) => d.attempts.length === 1);
    const wait = Date.parse(delivery.next_attempt_at ?? '') - Date.parse(delivery.created_at);
    expect(delivery.status).toBe('pending');
    expect(wait).toBeGreaterThan(1_790_000);
  });

  test('into a private network is not made', async () => {
    const { receiver, accountId, endpoint } = await startEndpoint();
    const guard = createOutboundGuard({ privateNetworks: 'deny' });
    const timeLimits = { connectMs: 500, firstByteMs: 500, totalMs: 1_000 };
    const guarded = createProviderHttp({ guard, timeLimits });
    closers.push(() => guarded.close());
    startDeliverer({}, guarded);
    await addEvents(accountId);
    const delivery = await waitForDelivery(accountId, endpoint, isOver);
    expect(delivery.last_error).toMatch(/address_blocked/);
    expect(receiver.received).toEqual([]);
  });

  test('that is replayed keeps its id', async () => {
    const { receiver, accountId, endpoint } = await startEndpoint();
    startDeliverer();
    await addEvents(accountId);
    const { id } = await waitForDelivery(accountId, endpoint, isOver);
    const key = { endpointId: endpoint.id, deliveryId: id };
    await replayWebhookDelivery(mail, principalOf(accountId), key);
    await waitFor(() => receiver.received.length === 2, { what: 'the replay' });
    expect(receiver.received.map((got) => got.id)).toEqual([id, id]);
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body);
  });
});

describe('an endpoint', () => {
  test('signs with both secrets after a rotation', async () => {
    const { receiver, accountId, endpoint } = await startEndpoint();
    const { secret } = await rotateWebhookSecret(mail, principalOf(accountId), endpoint.id);
    startDeliverer();
    await addEvents(accountId);
    const got = await waitFor(() => receiver.received[0], { what: 'the webhook' });
    for (const valid of [secret, endpoint.secret]) {
      const headers = got.headers as Record<string, string>;
      expect(() => new Webhook(valid).verify(got.body, headers)).not.toThrow();
    }
  });

  test.each<[string, Behaviour, Partial<WebhookSettings>]>([
    ['gone', answers(410), {}],
    ['failing', answers(500), { schedule: { delaysMs: [20, 20], disableAfterMs: 0 } }],
  ])('that is %s is disabled with notice and keeps its events', async (reason, does, settings) => {
    const { receiver, accountId, endpoint } = await startEndpoint(does);
    const watcher = await startEndpoint(answers(200), {
      ...{ accountId, events: ['webhook_endpoint.disabled'] },
    });
    startDeliverer(settings);
    await addEvents(accountId);
    const notice = await waitFor(() => watcher.receiver.received[0], { what: 'the notice' });
    expect(JSON.parse(notice.body)).toEqual({
      event: 'webhook_endpoint.disabled',
      timestamp: expect.any(String) as string,
      data: { webhook_endpoint_id: endpoint.id, url: receiver.url, reason },
    });
    const principal = principalOf(accountId);
    expect(await getWebhookEndpoint(mail, principal, endpoint.id)).toMatchObject({
      ...{ enabled: false, disabled_reason: reason },
    });
    const tries = receiver.received.length;
    await addEvents(accountId, 3);
    await delay(100);
    expect(receiver.received).toHaveLength(tries);
    receiver.behave(answers(200));
    const enable = { sound: { enabled: true }, faults: [], unsound: new Set<string>() };
    await updateWebhookEndpoint(mail, principal, { id: endpoint.id, body: enable });
    const missed = { sound: { missed: true }, faults: [], unsound: new Set<string>() };
    const input = { id: endpoint.id, body: missed };
    expect(await replayWebhooks(mail, principal, input)).toEqual({ replayed: 4 });
    await waitFor(
      async () =>
        (await deliveriesOf(accountId, endpoint)).every(({ status }) => status === 'succeeded'),
      { what: 'the missed events' },
    );
  });

  test('that hangs delays no other, of its account or of another', async () => {
    const dead = await startEndpoint(() => undefined);
    const { accountId } = dead;
    await addEvents(accountId, 300);
    startDeliverer({ perEndpoint: 4, concurrency: 16 });
    await waitFor(() => dead.receiver.received.length >= 4, { what: 'the dead to be tried' });
    const sibling = await startEndpoint(answers(200), { accountId });
    const other = await startEndpoint();
    await addEvents(accountId, 20);
    await addEvents(other.accountId, 20);
    await waitFor(
      () => sibling.receiver.received.length === 20 && other.receiver.received.length === 20,
      { what: 'the deliveries of the living' },
    );
    const { rows } = await mail.database.pool.query<{ count: number }>(
      `select count(*)::int as count from webhook_deliveries
       where account_id = $1 and endpoint_id = $2 and status = 'pending'`,
      [accountId, dead.endpoint.id],
    );
    expect(rows[0]?.count).toBe(320);
  });
});

test('a dead worker loses nothing: its deliveries come back when the lease ends', async () => {
  const { receiver, accountId, endpoint } = await startEndpoint();
  await addEvents(accountId, 5);
  const { claims } = await claimDeliveries(mail.database.pool, {
    ...{ lease: newId(), leaseMs: 300, limit: 100, perEndpoint: 5, underWay: new Map() },
    after: { accountId: NIL, endpointId: NIL },
  });
  const ours = claims.filter((claim) => claim.endpointId === endpoint.id);
  expect(ours).toHaveLength(5);
  startDeliverer();
  await waitFor(() => receiver.received.length === 5, { what: 'the deliveries' });
  expect(receiver.received.map(({ id }) => id).toSorted()).toEqual(
    ours.map(({ id }) => id).toSorted(),
  );
});

test('two workers make each delivery once', async () => {
  const { receiver, accountId, endpoint } = await startEndpoint();
  startDeliverer();
  startDeliverer();
  await addEvents(accountId, 80);
  await waitFor(async () => (await deliveriesOf(accountId, endpoint)).every(isOver), {
    what: 'all deliveries',
  });
  expect(receiver.received).toHaveLength(80);
  expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(80);
});
