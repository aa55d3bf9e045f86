import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startOtlpReceiver, type ReceivedSpan } from '../fakes/otlp-receiver.ts';
import { findClosedPort } from '../fakes/raw-server.ts';
import { startReceiver } from '../fakes/webhook-receiver.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { startServerProcess, testSecrets } from '../support/server-process.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

// Exports go by the clock, and nothing here is told how busy the machine is.
vi.setConfig({ testTimeout: 90_000 });

const MAIL = {
  from: 'sender@example.com',
  to: 'delivered@example.test',
  subject: 'Private subject',
  text: 'Private text',
};
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER_SPAN = 'b7ad6b7169203331';

type Otlp = Awaited<ReturnType<typeof startOtlpReceiver>>;
type Hooks = Awaited<ReturnType<typeof startReceiver>>;

/** An account whose first connection is down, whose second takes mail, and with the sandbox. */
async function setUp(server: TestServer, hooks: Hooks): Promise<{ token: string; key: string }> {
  const token = await server.signUp();
  const post = async (path: string, body: object) => {
    const answer = await server.call('POST', `/api/v1${path}`, { token, body });
    expect(answer.status, answer.text).toBe(201);
    return answer.body;
  };
  const endpoint = `http://127.0.0.1:${await findClosedPort()}`;
  const api_key = 'SG.private-key';
  await post('/provider_connections', { provider: 'sendgrid', api_key, endpoint, priority: 1 });
  await post('/provider_connections', { ...toSmtpConnection(smtp), priority: 2 });
  await post('/provider_connections', { provider: 'sandbox' });
  await post('/webhook_endpoints', { url: hooks.url, events: ['sent', 'delivered'] });
  const { raw_key } = await post('/api_keys', { name: 'Test', mode: 'test' });
  return { token, key: String(raw_key) };
}

type SendOptions = {
  token: string;
  headers?: Record<string, string>;
  event?: 'sent' | 'delivered';
};

/** A mail that went out, and the webhook that said so. */
async function sendUntilTold(
  server: TestServer,
  hooks: Hooks,
  { event = 'sent', ...options }: SendOptions,
) {
  const sent = await server.call('POST', '/api/v1/emails', { ...options, body: MAIL });
  expect(sent.status, sent.text).toBe(202);
  const id = String(sent.body['id']);
  const isIt = ({ body }: { body: string }) => body.includes(id) && body.includes(`"${event}"`);
  const hook = await waitFor(() => hooks.received.find(isIt), {
    timeoutMs: 30_000,
    what: 'the webhook',
  });
  return { id, hook };
}

const isAccepting =
  (id: string) =>
  ({ name, attributes }: ReceivedSpan): boolean =>
    name.startsWith('POST') && attributes['courierx.email_id'] === id;

let smtp: SmtpSink;
beforeAll(async () => {
  smtp = await startSmtpSink();
});
afterAll(() => smtp.close());

describe('with an OTLP endpoint', () => {
  let otlp: Otlp;
  let hooks: Hooks;
  let server: TestServer;
  let token: string;
  let key: string;
  beforeAll(async () => {
    [otlp, hooks] = await Promise.all([startOtlpReceiver(), startReceiver()]);
    server = await startTestServer({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${otlp.url}/`,
      OTEL_SERVICE_NAME: 'mail',
    });
    ({ token, key } = await setUp(server, hooks));
  }, 60_000);
  afterAll(async () => {
    await server.close();
    await Promise.all([otlp.close(), hooks.close()]);
  });

  it("one mail is one trace, from the caller's request over a failover to the webhook", async () => {
    const traceparent = `00-${TRACE}-${CALLER_SPAN}-01`;
    const { id, hook } = await sendUntilTold(server, hooks, { token, headers: { traceparent } });
    await waitFor(() => otlp.ofTrace(TRACE).some(({ name }) => name === 'webhook delivery'), {
      timeoutMs: 30_000,
      what: 'the last span',
    });
    const spans = otlp.ofTrace(TRACE);
    const of = (name: string) => spans.filter((span) => span.name === name);

    const [accept] = of('POST /api/v1/emails');
    expect(accept).toMatchObject({ service: 'mail', parentId: CALLER_SPAN, isFailed: false });
    expect(accept?.attributes).toMatchObject({
      'http.route': '/api/v1/emails',
      'http.response.status_code': 202,
      'courierx.email_id': id,
    });
    const attempts = of('attempt').toSorted((a, b) => Number(a.startNs - b.startNs));
    expect(
      attempts.map(({ attributes, isFailed }) => [
        attributes['courierx.provider'],
        attributes['courierx.attempt'],
        attributes['courierx.outcome'],
        isFailed,
      ]),
    ).toEqual([
      ['sendgrid', 1, 'failed', true],
      ['smtp', 2, 'accepted', false],
    ]);
    expect(attempts[0]?.attributes['courierx.latency_ms']).toBeTypeOf('number');
    const [delivery] = of('webhook delivery');
    expect(delivery?.attributes).toMatchObject({
      'courierx.event': 'sent',
      'http.response.status_code': 200,
    });
    expect(spans.map(({ name }) => name).toSorted()).toEqual([
      'POST /api/v1/emails',
      'attempt',
      'attempt',
      'queue',
      'store',
      'webhook delivery',
    ]);
    const parts = spans.filter((span) => span !== accept);
    for (const { name, parentId, endNs, startNs } of parts) {
      expect([name, parentId]).toEqual([name, accept?.spanId]);
      expect(endNs).toBeGreaterThanOrEqual(startNs);
    }
    expect(hook.headers['traceparent']).toBe(`00-${TRACE}-${delivery?.spanId ?? ''}-01`);

    expect(otlp.requests[0]).toMatchObject({ url: '/v1/traces', contentType: 'application/json' });
    const told = otlp.requests.map(({ body }) => body).join('');
    expect(told).not.toMatch(/private|example\.(com|test)|@/i);
    const line = server.lines.find((text) => text.includes(id) && text.includes('"request"'));
    expect(JSON.parse(line ?? '{}')).toMatchObject({ emailId: id, traceId: TRACE });
  });

  it('what a provider reports later is a part of the trace of its mail', async () => {
    const { id } = await sendUntilTold(server, hooks, { token: key, event: 'delivered' });
    const root = await waitFor(() => otlp.spans.find(isAccepting(id)), {
      timeoutMs: 30_000,
      what: 'the root of its trace',
    });
    expect(root.parentId).toBeNull();
    const event = await waitFor(
      () => otlp.ofTrace(root.traceId).find(({ name }) => name === 'provider event'),
      { timeoutMs: 30_000, what: 'the span of the event' },
    );
    expect(event).toMatchObject({ parentId: root.spanId, isFailed: false });
    expect(event.attributes).toMatchObject({
      'courierx.provider': 'sandbox',
      'courierx.event': 'delivered',
    });
  });

  it('what the caller does not sample is not traced', async () => {
    const traceparent = `00-${TRACE.replaceAll('a', 'b')}-${CALLER_SPAN}-00`;
    const headers = { traceparent };
    const silent = await sendUntilTold(server, hooks, { token, headers });
    expect(silent.hook.headers['traceparent']).toBeUndefined();
    // What comes later is exported later.
    const last = await sendUntilTold(server, hooks, { token });
    await waitFor(() => otlp.spans.find(isAccepting(last.id)), {
      timeoutMs: 30_000,
      what: 'a later span',
    });
    expect(otlp.requests.map(({ body }) => body).join('')).not.toContain(silent.id);
  });

  it('takes no notice of a traceparent that is none', async () => {
    for (const traceparent of [
      'nonsense',
      `00-${'0'.repeat(32)}-${CALLER_SPAN}-01`,
      'x'.repeat(9_000),
    ]) {
      const headers = { traceparent };
      const answer = await server.call('POST', '/api/v1/emails', { token, body: MAIL, headers });
      expect(answer.status).toBe(202);
    }
  });
});

describe('a stop', () => {
  it('hands over the spans that had not gone out yet', async () => {
    const otlp = await startOtlpReceiver();
    const server = await startTestServer({
      OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url,
      COURIERX_ROLE: 'api',
    });
    await server.signUp();
    await server.close();
    expect(otlp.spans).toMatchObject([{ name: 'POST /api/v1/auth/register', service: 'courierx' }]);
    await otlp.close();
  });
});

describe('with a receiver that is away', () => {
  it('mail goes on as ever, and the log says once that traces are lost', async () => {
    const hooks = await startReceiver();
    const server = await startTestServer({
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `http://127.0.0.1:${await findClosedPort()}/v1/traces`,
    });
    try {
      const { token } = await setUp(server, hooks);
      const { hook } = await sendUntilTold(server, hooks, { token });
      expect(hook.headers['traceparent']).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
      await waitFor(() => server.text().includes('traces are not taken'), {
        timeoutMs: 30_000,
        what: 'the log line',
      });
    } finally {
      await server.close();
      await hooks.close();
    }
  });
});

/** Makes a process say what it loads of OpenTelemetry's. */
const TELLING = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
   registerHooks({ load(url, context, next) {
     if (/open-?telemetry/.test(url)) console.log('LOADS', url);
     return next(url, context);
   } });`,
)}`;

async function loadedBy(env: Record<string, string>): Promise<string> {
  const database = await createTestDatabase();
  const server = await startServerProcess({
    ...{ DATABASE_URL: database.url, ...testSecrets(), ...env },
    NODE_OPTIONS: `--import ${TELLING}`,
  });
  await server.stop();
  await database.drop();
  return server.output();
}

describe('what is loaded', () => {
  const OURS = /LOADS .*(open-telemetry\.ts|@opentelemetry\/(sdk|exporter|otlp|resources|core))/;

  it('is nothing of OpenTelemetry without an endpoint', async () => {
    expect(await loadedBy({})).not.toMatch(OURS);
  }, 60_000);

  it('is its packages with one', async () => {
    const endpoint = `http://127.0.0.1:${await findClosedPort()}`;
    expect(await loadedBy({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })).toMatch(OURS);
  }, 60_000);
});
