import { createServer, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../fakes/raw-server.ts';
import { startScriptedSmtp, type ScriptedSmtp } from '../fakes/scripted-smtp.ts';
import { answers, startReceiver } from '../fakes/webhook-receiver.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

/** Everything here is looked for in the log; so are the forms it travels in. */
const SECRETS = {
  password: 'Secret-password-of-Ada-1',
  wrongPassword: 'Secret-password-not-of-Ada-2',
  sendgrid: 'SG.secret-sendgrid-key-3',
  resend: 're_secret_resend_key_4',
  postmark: '5ec2e700-0000-4000-8000-postmark00005',
  mailgun: 'key-secret-mailgun-6',
  awsSecret: 'secret/aws/key/7777777777777777777777777',
  smtpSecret: 'secret-smtp-pass-8',
  basicAuth: 'secret-basic-auth-of-24-ch-9',
  inUrl: 'secret-in-the-query-10',
  inBody: 'secret-in-the-body-11',
  recipient: 'secret-recipient-12@example.com',
  rejectedField: 'secret-in-a-wrong-field-13',
};

const MAIL = {
  from: 'sender@example.com',
  to: SECRETS.recipient,
  subject: SECRETS.inBody,
  text: SECRETS.inBody,
};

/** A provider that repeats all it was sent: what goes wrong there tells everything back. */
async function startEcho(status: () => number) {
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      const said = JSON.stringify({ url, headers, body });
      response.writeHead(status(), { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: said, errors: [{ message: said }], Message: said }));
    });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

type Line = Record<string, unknown>;
type Answer = { status: number; headers: Headers; body: Record<string, unknown>; text: string };

let database: TestDatabase;
let server: ServerProcess;
let smtp: ScriptedSmtp;
let echo: Awaited<ReturnType<typeof startEcho>>;
let hooks: Awaited<ReturnType<typeof startReceiver>>;
let status = 500;
const issued: string[] = [];
const env = testSecrets();

async function call(
  method: string,
  path: string,
  {
    token,
    body,
    headers,
  }: { token?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const parsed = (isJson ? JSON.parse(text) : {}) as Answer['body'];
  return { status: response.status, headers: response.headers, body: parsed, text };
}

const lines = (): Line[] =>
  server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);

const untilLine = (what: string, isIt: (line: Line) => boolean) =>
  waitFor(() => lines().find(isIt), { timeoutMs: 30_000, what });

async function signUp(): Promise<string> {
  const { password } = SECRETS;
  const person = { name: 'Ada', email: `${crypto.randomUUID()}@example.org` };
  const { body } = await call('POST', '/api/v1/auth/register', {
    body: { ...person, password, password_confirmation: password },
  });
  await call('POST', '/api/v1/auth/login', {
    body: { email: person.email, password: SECRETS.wrongPassword },
  });
  issued.push(String(body['token']));
  return String(body['token']);
}

beforeAll(async () => {
  [database, smtp, echo, hooks] = await Promise.all([
    createTestDatabase(),
    startScriptedSmtp({ login: { user: 'relay', pass: 'another' } }),
    startEcho(() => status),
    startReceiver(answers(500)),
  ]);
  server = await startServerProcess({
    ...{ DATABASE_URL: database.url, COURIERX_LOG_LEVEL: 'trace', ...env },
  });
}, 60_000);
afterAll(async () => {
  await server.stop();
  await Promise.all([smtp.close(), echo.close(), hooks.close()]);
  await database.drop();
});

describe('the log at its most talkative', () => {
  it('follows a request to its mail, its attempts and its webhooks', async () => {
    const token = await signUp();
    const post = (path: string, body: object, headers = {}) =>
      call('POST', `/api/v1${path}`, { token, body, headers });
    await post('/webhook_endpoints', { url: hooks.url, events: ['delivered'] });
    await post('/provider_connections', { provider: 'sandbox' });
    const { body: key } = await post('/api_keys', { name: 'Test', mode: 'test' });
    const sent = await call('POST', '/api/v1/emails', {
      token: String(key['raw_key']),
      body: { ...MAIL, to: 'delivered@example.test' },
      headers: { 'x-request-id': 'request-of-the-test' },
    });
    expect(sent.headers.get('x-request-id')).toBe('request-of-the-test');
    const emailId = sent.body['id'];
    const request = await untilLine('the request', ({ reqId }) => reqId === 'request-of-the-test');
    expect(request).toMatchObject({ emailId, route: '/api/v1/emails', status: 202 });
    const { accountId } = request;
    expect(accountId).toBeTypeOf('string');
    for (const [msg, over] of [
      ['attempt', { attempt: 1, provider: 'sandbox', outcome: 'accepted' }],
      ['provider event', { provider: 'sandbox', event: 'delivered' }],
      ['webhook delivery', { event: 'delivered', try: 1, outcome: 'retry', statusCode: 500 }],
    ] as const) {
      const line = await untilLine(
        msg,
        (some) => some['msg'] === msg && some['emailId'] === emailId,
      );
      expect(line).toMatchObject({ accountId, ...over });
    }
  });

  it('holds no secret, no body and no address, whatever providers repeat', async () => {
    const token = await signUp();
    const endpoint = echo.url;
    const webhook_secret = SECRETS.basicAuth;
    const smtpLogin = { api_key: 'relay', secret: SECRETS.smtpSecret, smtp_tls: 'none' };
    const connections: Record<string, unknown>[] = [
      { provider: 'sendgrid', api_key: SECRETS.sendgrid, endpoint },
      { provider: 'postmark', api_key: SECRETS.postmark, endpoint, webhook_secret },
      { provider: 'mailgun', api_key: SECRETS.mailgun, smtp_host: 'mg.example.com', endpoint },
      {
        ...{ provider: 'aws_ses', api_key: 'AKIAIOSFODNN7EXAMPLE', region: 'eu-west-1' },
        ...{ secret: SECRETS.awsSecret, endpoint },
      },
      { provider: 'smtp', smtp_host: '127.0.0.1', smtp_port: smtp.port, ...smtpLogin },
      // Last: it is asked again for half a minute what became of an attempt.
      { provider: 'resend', api_key: SECRETS.resend, endpoint },
    ];
    for (const [index, body] of connections.entries()) {
      await call('POST', '/api/v1/provider_connections', {
        token,
        body: { ...body, priority: index + 1 },
      });
      await call('POST', '/api/v1/provider_connections', { token, body: { ...body, api_key: 7 } });
    }
    const { body: list } = await call('GET', '/api/v1/provider_connections', { token });
    const hookPaths = Object.values(list).map(
      (connection) => new URL(String((connection as Line)['webhook_url'])).pathname,
    );
    expect(hookPaths.length).toBeGreaterThanOrEqual(5);
    const { body: key } = await call('POST', '/api/v1/api_keys', { token, body: { name: 'K' } });
    const { body: hook } = await call('POST', '/api/v1/webhook_endpoints', {
      token,
      body: { url: `${hooks.url}?token=${SECRETS.inUrl}` },
    });
    issued.push(String(key['raw_key']), String(hook['secret']));
    const rawKey = String(key['raw_key']);

    // Every provider fails, first for a while and then for its credentials.
    const first = await call('POST', '/api/v1/emails', { token: rawKey, body: MAIL });
    expect(first.status, first.text).toBe(202);
    await untilLine(
      'the last failover',
      (line) =>
        line['emailId'] === first.body['id'] && Number(line['attempt']) >= connections.length - 1,
    );
    status = 401;
    await call('POST', '/api/v1/emails', { token: rawKey, body: MAIL });
    for (const path of hookPaths) {
      issued.push(path.split('/').at(-1) ?? '');
      const authorization = `Basic ${btoa(`courierx:${SECRETS.basicAuth}`)}`;
      await call('POST', path, { headers: { authorization }, body: { secret: SECRETS.inBody } });
    }
    // What clients get wrong.
    await call('GET', `/api/v1/emails?api_key=${SECRETS.inUrl}`, { token: rawKey });
    await call('GET', `/api/v1/${SECRETS.inUrl}`, { token: rawKey });
    await call('POST', '/api/v1/emails', { token: rawKey, body: `{"text":"${SECRETS.inBody}` });
    await call('POST', '/api/v1/emails', {
      token: rawKey,
      body: { ...MAIL, [SECRETS.rejectedField]: SECRETS.rejectedField },
    });
    await call('GET', '/api/v1/emails', { token: `${rawKey}x` });
    await untilLine('the credentials found refused', ({ msg }) => String(msg).includes('refused'));
    await server.stop();

    const output = server.output();
    expect(output.length).toBeGreaterThan(5_000);
    const plain = [...Object.values(SECRETS), ...Object.values(env), ...issued];
    for (const secret of plain.filter((text) => text !== '')) {
      for (const form of [secret, btoa(secret), encodeURIComponent(secret)]) {
        const line = output.split('\n').find((text) => text.includes(form));
        expect(line, `holds ${secret}`).toBeUndefined();
      }
    }
    const login = btoa(`\0relay\0${SECRETS.smtpSecret}`);
    expect(output).not.toContain(login);
    expect(output).not.toMatch(/Bearer|Basic [A-Za-z0-9]|authorization/i);
  }, 90_000);
});
