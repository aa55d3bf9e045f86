import {
  EMAIL_STATUSES,
  SUPPRESSION_REASONS,
  WEBHOOK_EMAIL_EVENTS,
  type AccountAnswer,
  type ApiKey,
  type CreatedApiKey,
  type Domain,
  type Email,
  type EmailDetail,
  type ProviderConnection,
  type ProviderName,
  type SessionAnswer,
  type WebhookEndpointWithSecret,
} from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CourierX } from '../../../../packages/sdk/src/index.ts';
import { createOutboundGuard } from '../../src/lib/outbound-guard.ts';
import { createProviderHttp } from '../../src/providers/http.ts';
import { createProviderRegistry } from '../../src/providers/registry.ts';
import { startFakeDns, type FakeDns } from '../fakes/dns.ts';
import type { ApiCaller } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture } from '../support/api-fixture.ts';

const DAY_MS = 24 * 3600_000;

let dns: FakeDns;
let api: ApiFixture;
let baseUrl: string;
let key: ApiCaller;
beforeAll(async () => {
  dns = await startFakeDns();
  api = await createApiFixture({ dnsServers: [dns.address], dnsTimeoutMs: 500 });
  baseUrl = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
beforeEach(async () => {
  const owner = await api.signUp();
  const { body } = await owner.post<CreatedApiKey>('/api_keys', { name: 'My first key' });
  key = api.caller(body.raw_key);
});
afterAll(async () => {
  await api.close();
  await dns.close();
});

const SENDGRID = {
  ...{ provider: 'sendgrid', display_name: 'SendGrid Primary', priority: 1 },
  api_key: 'SG.your-sendgrid-key',
};

describe('the first steps', () => {
  it('lead from a name and an address to a queued mail', async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const account = { name: 'My App', email, password: 'your-password' };
    const before = Date.now();
    const registered = await api.anyone.post<SessionAnswer>('/auth/register', {
      ...account,
      password_confirmation: account.password,
    });
    expect(registered.status).toBe(201);
    const end = Date.parse(registered.body.expires_at);
    expect(Math.abs(end - before - DAY_MS)).toBeLessThan(600_000);
    const session = api.caller(registered.body.token);
    const made = await session.post<CreatedApiKey>('/api_keys', { name: 'My first key' });
    expect(made.status).toBe(201);
    expect(made.body.raw_key).toMatch(/^cxk_live_/);

    const mine = api.caller(made.body.raw_key);
    const connected = await mine.post<ProviderConnection>('/provider_connections', SENDGRID);
    expect(connected).toMatchObject({ status: 201, body: { status: 'verified', priority: 1 } });
    const sent = await mine.post<Email>('/emails', {
      ...{ from_email: 'hello@yourapp.com', from_name: 'Your App' },
      ...{ to_email: 'user@example.com', to_name: 'Alice', reply_to: 'help@yourapp.com' },
      ...{ subject: 'Welcome', html_body: '<h1>Hi</h1>', text_body: 'Hi' },
      ...{ tags: ['welcome', 'onboarding'], metadata: { user_id: 'usr_123' } },
    });
    expect(sent.status).toBe(202);
    expect(sent.body).toMatchObject({
      ...{ from_email: 'hello@yourapp.com', to_email: 'user@example.com', subject: 'Welcome' },
      ...{ status: 'queued', tags: ['welcome', 'onboarding'] },
    });
    expect(sent.body.id).toMatch(/^[0-9a-f-]{36}$/);
    for (const time of [sent.body.queued_at, sent.body.created_at]) expect(time).toMatch(/Z$/);
    const me = await mine.get<AccountAnswer>('/auth/me');
    expect(me.body.account).toMatchObject({ name: 'My App', email });
  });

  it('are the same with the SDK, as are its other published calls', async () => {
    const courierx = new CourierX({ apiKey: key.token ?? '', baseUrl });
    const { email } = await courierx.emails.send({
      ...{ from: 'hello@yourapp.com', to: 'user@example.com', subject: 'Welcome!' },
      html: '<h1>Welcome</h1>',
    });
    expect(email.status).toBe('queued');
    expect(await courierx.emails.list({ status: 'delivered' })).toHaveLength(0);
    expect(await courierx.emails.list({ status: 'queued' })).toHaveLength(1);
    expect((await courierx.emails.get(email.id)).events).toEqual([]);
    const { body: domain } = await key.post<Domain>('/domains', { domain: 'sdk.yourapp.com' });
    dns.setTxt('_courierx.sdk.yourapp.com', domain.verification_token);
    expect(await courierx.domains.verify(domain.id)).toMatchObject({ status: 'verified' });
    const created = await courierx.apiKeys.create({ name: 'Staging' });
    expect(created.key).toMatch(/^cxk_live_/);
  });
});

describe('keys', () => {
  it('are listed by their prefix alone', async () => {
    const { body, text } = await key.get<ApiKey[]>('/api_keys');
    expect(body.map(({ prefix }) => key.token?.startsWith(prefix))).toEqual([true]);
    expect(text).not.toContain(key.token);
  });
});

describe('emails', () => {
  it('stand where one of the six published words says', () => {
    expect([...EMAIL_STATUSES].toSorted()).toEqual(
      ['queued', 'sent', 'delivered', 'bounced', 'failed', 'suppressed'].toSorted(),
    );
  });

  it('are found by all the published filters together, with where the page stands', async () => {
    const mail = { from: 'a@yourapp.com', subject: 'S', text: 'T' };
    for (const to of ['alice@example.com', 'bob@example.com', 'Alice.B@example.com']) {
      await key.post('/emails', { ...mail, to });
    }
    const today = new Date().toISOString().slice(0, 10);
    const range = `from=2026-01-01&to=${today}`;
    const path = `/emails?status=queued&recipient=alice&${range}&page=2&per_page=1`;
    const { body, headers } = await key.get<Email[]>(path);
    expect(body.map(({ to_email: to }) => to)).toEqual(['alice@example.com']);
    expect(headers).toMatchObject({ 'x-total-count': '2', 'x-page': '2', 'x-per-page': '1' });
  });

  it('to a suppressed address reach no provider', async () => {
    await key.post('/provider_connections', SENDGRID);
    const entry = { email: 'bad-address@example.com', reason: 'manual', note: 'Asked to' };
    const made = await key.post<{ id: string }>('/suppressions', entry);
    expect(made).toMatchObject({ status: 201, body: entry });
    const mail = { from: 'a@yourapp.com', to: entry.email, subject: 'S', text: 'T' };
    const sent = await key.post<Email>('/emails', mail);
    expect(sent).toMatchObject({ status: 202, body: { status: 'suppressed' } });
    const { body } = await key.get<EmailDetail>(`/emails/${sent.body.id}`);
    expect(body.attempts).toEqual([]);
    expect((await key.delete(`/suppressions/${made.body.id}`)).status).toBe(204);
    expect((await key.post<Email>('/emails', mail)).body.status).toBe('queued');
  });
});

describe('suppressions', () => {
  it.each(SUPPRESSION_REASONS)('are made and filtered for the reason %s', async (reason) => {
    await key.post('/suppressions', { email: 'a@example.com', reason });
    await key.post('/suppressions', { email: 'b@example.com', reason: 'manual' });
    const { body } = await key.get<{ reason: string }[]>(`/suppressions?reason=${reason}`);
    expect(new Set(body.map((entry) => entry.reason))).toEqual(new Set([reason]));
  });
});

describe('providers', () => {
  it.each<[ProviderName, Record<string, string | number>]>([
    ['sendgrid', { api_key: 'SG.abcdefghijklmnop.qrstuvwxyz' }],
    ['mailgun', { api_key: 'key-0123456789', smtp_host: 'mg.yourapp.com' }],
    ['mailgun', { api_key: 'key-0123456789', smtp_host: 'mg.yourapp.com', region: 'eu' }],
    ['aws_ses', { api_key: 'AKIAIOSFODNN7EXAMPLE', secret: 'x'.repeat(40), region: 'us-east-1' }],
    ['postmark', { api_key: '01234567-89ab-cdef-0123-456789abcdef' }],
    ['resend', { api_key: 're_0123456789' }],
    ['smtp', { smtp_host: 'mail.yourapp.com', smtp_port: 587, api_key: 'user', secret: 'pass' }],
  ])('take the published credentials and no less: %s', (name, given) => {
    const guard = createOutboundGuard({ privateNetworks: 'deny' });
    const timeLimits = { connectMs: 500, firstByteMs: 500, totalMs: 1_000 };
    const http = createProviderHttp({ guard, timeLimits });
    const keepInSandbox = () => Promise.resolve();
    const provider = createProviderRegistry({ guard, http, timeLimits, keepInSandbox }).get(name);
    const { required = [], optional = [] } = provider?.credentials ?? {};
    const { api_key: apiKey, secret, ...settings } = given;
    const secrets = { ...(apiKey && { api_key: apiKey }), ...(secret && { secret }) };
    expect(provider?.checkSettings(settings, secrets as Record<string, string>)).toEqual([]);
    expect([...required, ...optional]).toEqual(expect.arrayContaining(Object.keys(given)));
    expect(Object.keys(given)).toEqual(expect.arrayContaining([...required]));
  });

  it('are listed in the order of priority, changed, and taken away', async () => {
    for (const priority of [3, 1, 2]) {
      await key.post('/provider_connections', { ...SENDGRID, priority });
    }
    const list = async () => (await key.get<ProviderConnection[]>('/provider_connections')).body;
    expect((await list()).map(({ priority }) => priority)).toEqual([1, 2, 3]);
    const [first] = await list();
    const path = `/provider_connections/${first?.id ?? ''}`;
    const change = { priority: 9, api_key: 'SG.another-key' };
    expect((await key.patch(path, change)).body).toMatchObject({ priority: 9 });
    expect((await list()).map(({ priority }) => priority)).toEqual([2, 3, 9]);
    expect((await key.post(`${path}/verify`)).body).toEqual({
      verification: { status: 'verified', message: 'scripted' },
    });
    expect((await key.delete(path)).status).toBe(204);
    expect(await list()).toHaveLength(2);
  });
});

describe('webhook endpoints', () => {
  it('get a secret of their own, are changed and taken away', async () => {
    const made = await key.post<WebhookEndpointWithSecret>('/webhook_endpoints', {
      url: 'https://yourapp.com/webhooks/email',
      description: 'Email delivery events',
      events: ['delivered', 'bounced', 'opened', 'clicked'],
    });
    expect(made.status).toBe(201);
    expect(made.body.secret).toMatch(/^whsec_/);
    const path = `/webhook_endpoints/${made.body.id}`;
    const change = { url: 'https://yourapp.com/in', events: ['failed'], enabled: false };
    expect((await key.patch(path, change)).body).toMatchObject(change);
    expect((await key.get<unknown[]>('/webhook_endpoints')).body).toHaveLength(1);
    expect((await key.delete(path)).status).toBe(204);
    expect((await key.get<unknown[]>('/webhook_endpoints')).body).toEqual([]);
  });

  it('may name each of the seven published events', async () => {
    const events = [
      'delivered',
      'bounced',
      'complained',
      'opened',
      'clicked',
      'unsubscribed',
      'failed',
    ];
    const url = 'https://yourapp.com/webhooks/email';
    const made = await key.post('/webhook_endpoints', { url, events });
    expect(made).toMatchObject({ status: 201, body: { events } });
    expect(WEBHOOK_EMAIL_EVENTS).toEqual(expect.arrayContaining(events));
  });
});

describe('errors', () => {
  it('are of the published forms', async () => {
    const wrong = await key.post('/emails', {
      from: 'a@yourapp.com',
      to: 'b@example.com',
      text: 'T',
    });
    expect(wrong).toMatchObject({ status: 422, body: { errors: ['Subject is required'] } });
    expect(await api.anyone.get('/emails')).toMatchObject({
      ...{ status: 401, body: { error: 'Unauthorized' } },
    });
    const missing = await key.get(`/emails/${crypto.randomUUID()}`);
    expect(missing).toMatchObject({ status: 404, body: { error: 'Not found' } });
    for (const { headers } of [wrong, missing]) {
      expect(Number(headers['x-ratelimit-limit'])).toBeGreaterThan(0);
      expect(Number(headers['x-ratelimit-remaining'])).toBeGreaterThan(0);
      expect(Number(headers['x-ratelimit-reset'])).toBeGreaterThan(Date.now() / 1000 - 1);
    }
  });
});
