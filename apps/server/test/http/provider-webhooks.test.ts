import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createProviderHttp } from '../../src/providers/http.ts';
import { createOutboundGuard } from '../../src/lib/outbound-guard.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { createProviderRegistry } from '../../src/providers/registry.ts';
import { createApiFixture, type ApiFixture } from '../support/api-fixture.ts';
import { mailgunEvent, mailgunRequest, SIGNING_KEY } from '../support/mailgun-events.ts';
import type { ApiCaller } from '../support/api-caller.ts';

let fixture: ApiFixture;
let caller: ApiCaller;
let url: string;
let id: string;

type Connection = {
  id: string;
  webhook_url: string;
  webhook_status: string;
  webhook_secret_set: boolean;
};

/** The scripted SendGrid sends; the words it is heard in are those of the real adapters. */
beforeAll(async () => {
  fixture = await createApiFixture();
  const guard = createOutboundGuard({ privateNetworks: 'deny' });
  const timeLimits = { connectMs: 500, firstByteMs: 500, totalMs: 1_000 };
  const http = createProviderHttp({ guard, timeLimits });
  const keepInSandbox = () => Promise.resolve();
  const real = createProviderRegistry({ guard, http, timeLimits, keepInSandbox });
  Object.assign(fixture.sendgrid, { webhooks: real.get('mailgun')?.webhooks });
  caller = await fixture.signUp();
  const made = await caller.post('/provider_connections', {
    provider: 'sendgrid',
    api_key: 'SG.key-of-some-length',
    webhook_secret: SIGNING_KEY,
  });
  const connection = made.body as Connection;
  id = connection.id;
  url = new URL(connection.webhook_url).pathname;
});

afterAll(() => fixture.close());

const hear = (path: string, body: string | Buffer, headers = {}) =>
  fixture.app.inject({
    method: 'POST',
    url: path,
    payload: body,
    headers: { 'content-type': 'application/json', ...headers },
  });
const stored = async () => {
  const { rows } = await fixture.database.pool.query('select 1 from webhook_requests');
  return rows.length;
};

describe('POST /webhooks/:provider/:token', () => {
  it('takes what is genuine without a token of ours, and shows that it is heard', async () => {
    const before = (await caller.get(`/provider_connections/${id}`)).body as Connection;
    const event = mailgunEvent({ event: 'delivered', recipient: 'a@example.com' });
    const answer = await hear(url, mailgunRequest(event).body);
    const after = (await caller.get(`/provider_connections/${id}`)).body as Connection;

    expect(answer.statusCode).toBe(200);
    expect(before.webhook_status).toBe('waiting');
    expect(after.webhook_status).toBe('hearing');
    expect(await stored()).toBe(1);
  });

  it('answers 401 to what is forged, 400 to what is none, 404 to no such URL', async () => {
    const count = await stored();
    const event = mailgunEvent({ event: 'delivered', recipient: 'a@example.com' });
    const forged = mailgunRequest(event, { key: 'another-key-of-16-characters' });

    expect((await hear(url, forged.body)).statusCode).toBe(401);
    expect((await hear(url, '{}')).statusCode).toBe(400);
    expect((await hear(url, '')).statusCode).toBe(400);
    expect((await hear(`${url}x`, mailgunRequest(event).body)).statusCode).toBe(404);
    expect((await hear(url.replace('sendgrid', 'mailgun'), '{}')).statusCode).toBe(404);
    expect((await hear(url, Buffer.alloc(6 * 1024 * 1024))).statusCode).toBe(413);
    expect(await stored()).toBe(count);
  });

  it('never answers 5xx and never takes what is not signed, whatever is sent', async () => {
    const count = await stored();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
          fc.json().map((text) => Buffer.from(text)),
          fc
            .record({
              signature: fc.record({
                timestamp: fc.oneof(
                  fc.string(),
                  fc.constant(String(Math.floor(Date.now() / 1000))),
                ),
                token: fc.string(),
                signature: fc.oneof(fc.string(), fc.stringMatching(/^[0-9a-f]{64}$/)),
              }),
              'event-data': fc.dictionary(fc.string(), fc.jsonValue()),
            })
            .map((value) => Buffer.from(JSON.stringify(value))),
        ),
        fc.constantFrom('application/json', 'text/plain', 'multipart/form-data', ''),
        async (body, type) => {
          const { statusCode } = await hear(url, body, { 'content-type': type });
          expect([400, 401, 415]).toContain(statusCode);
        },
      ),
      { numRuns: 150 },
    );
    expect(await stored()).toBe(count);
  });
});

describe('webhook_secret', () => {
  it('is checked by the provider it is for', async () => {
    const answer = await caller.patch(`/provider_connections/${id}`, { webhook_secret: 'short' });

    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toMatch(/webhook_secret must be/);
  });
});

describe('POST /provider_connections/:id/setup_webhook', () => {
  it("says what to do where the provider's API can't be asked, and keeps no other account's", async () => {
    const other = await fixture.signUp();

    expect((await other.post(`/provider_connections/${id}/setup_webhook`)).status).toBe(404);
  });

  it('is refused with words where the provider has no webhooks', async () => {
    const made = await caller.post('/provider_connections', { provider: 'sandbox' });
    const sandboxId = (made.body as Connection).id;
    const answer = await caller.post(`/provider_connections/${sandboxId}/setup_webhook`);

    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toMatch(/provider sandbox has no webhook to set up/);
  });

  it('keeps the secret that the provider made, and never shows it', async () => {
    const webhooks = {
      ...(fixture.sendgrid as Provider).webhooks,
      setup: () =>
        Promise.resolve({ kind: 'created', message: 'made', secret: 'a-secret-of-the-provider' }),
    };
    Object.assign(fixture.sendgrid, { webhooks });
    const answer = await caller.post(`/provider_connections/${id}/setup_webhook`);

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      webhook_setup: { status: 'created', webhook_secret: null, steps: [] },
      provider_connection: { webhook_secret_set: true },
    });
    expect(JSON.stringify(answer.body)).not.toContain('a-secret-of-the-provider');
  });
});
