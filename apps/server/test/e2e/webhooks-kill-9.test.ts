import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookDelivery, WebhookEndpointWithSecret } from '@courierx/contract';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startReceiver } from '../fakes/webhook-receiver.ts';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const ROUNDS = 3;
const MAILS = 60;

let sink: SmtpSink;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let dataDir: string;
let database: TestDatabase | null = null;
let env: Record<string, string>;
let server: ServerProcess | null = null;

beforeAll(async () => {
  sink = await startSmtpSink();
  const refused = new Set<string | undefined>();
  receiver = await startReceiver((response, nth) => {
    const id = receiver.received[nth - 1]?.id;
    // None is refused again: a third try comes minutes later, by schedule.
    const isRefused = nth % 10 === 0 && !refused.has(id);
    if (isRefused) refused.add(id);
    setTimeout(() => response.writeHead(isRefused ? 500 : 200).end(), 20);
  });
  dataDir = await mkdtemp(join(tmpdir(), 'courierx-webhooks-'));
  const isShared = (process.env['DATABASE_URL'] ?? '') !== '';
  database = isShared ? await createTestDatabase() : null;
  env = {
    COURIERX_DATA_DIR: dataDir,
    ...(database && { DATABASE_URL: database.url, ...testSecrets() }),
  };
});
afterAll(async () => {
  await server?.stop();
  await sink.close();
  await receiver.close();
  await database?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function allDeliveries(client: ApiClient, id: string): Promise<WebhookDelivery[]> {
  const all: WebhookDelivery[] = [];
  for (let page = 1; ; page += 1) {
    const path = `/webhook_endpoints/${id}/deliveries?per_page=100&page=${page}`;
    const some = await client.ok<WebhookDelivery[]>('GET', path);
    all.push(...some);
    if (some.length < 100) return all;
  }
}

it("after kill -9 the receiver's ledger is ours: none lost, none invented", async () => {
  const accepted: string[] = [];
  let token: string | null = null;
  let endpoint: WebhookEndpointWithSecret | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    server = await startServerProcess(env);
    const client: ApiClient = new ApiClient(server.url, token);
    if (token === null) {
      await client.signUp();
      await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
      const body = { url: receiver.url };
      endpoint = await client.ok<WebhookEndpointWithSecret>('POST', '/webhook_endpoints', body);
      token = client.token;
    }
    for (let n = 0; n < MAILS; n += 1) {
      const { id } = await client.ok<{ id: string }>('POST', '/emails', {
        ...{ from: 'hello@yourapp.example', to: 'user@example.com', subject: 'Hello', text: 'x' },
        metadata: { round },
      });
      accepted.push(id);
    }
    const before = receiver.received.length;
    await waitFor(() => receiver.received.length > before, { what: 'webhooks under way' });
    await delay(Math.random() * 60);
    await server.kill();
  }
  server = await startServerProcess(env);
  const client: ApiClient = new ApiClient(server.url, token);
  const { id, secret } = endpoint ?? { id: '', secret: '' };
  const ours = await waitFor(
    async () => {
      const all = await allDeliveries(client, id);
      const told = new Set(all.map((delivery) => delivery.email_id));
      const isWhole = accepted.every((email) => told.has(email));
      return isWhole && all.every(({ status }) => status === 'succeeded') && all;
    },
    { timeoutMs: 120_000, what: 'every event to be told' },
  );
  const theirs = new Map(receiver.received.map((got) => [got.id, got]));
  expect([...theirs.keys()].toSorted()).toEqual(ours.map((delivery) => delivery.id).toSorted());
  const verifier = new Webhook(secret);
  for (const delivery of ours) {
    const got = theirs.get(delivery.id);
    const headers = got?.headers as Record<string, string>;
    const payload = verifier.verify(got?.body ?? '', headers) as Record<string, unknown>;
    expect([payload['event'], payload['email_id']]).toEqual([delivery.event, delivery.email_id]);
  }
  process.stdout.write(
    `webhooks, kill -9: ${ROUNDS} kills, ${ours.length} events told, ` +
      `${receiver.received.length - ours.length} told again\n`,
  );
}, 240_000);
