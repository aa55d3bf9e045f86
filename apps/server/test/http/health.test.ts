import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiCaller, ErrorAnswer } from '../support/api-caller.ts';
import type { VerificationResult } from '../../src/providers/provider.ts';
import { createApiFixture, type ApiFixture } from '../support/api-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const SOME = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hello' };

const NEEDS_DATABASE = [
  ['GET', '/auth/me', undefined],
  ['PATCH', '/auth/me', { name: 'x' }],
  ['POST', '/emails', MAIL],
  ['GET', '/emails', undefined],
  ['GET', `/emails?cursor=${SOME}`, undefined],
  ['GET', `/emails/${SOME}`, undefined],
  ['POST', '/api_keys', { name: 'x' }],
  ['GET', '/api_keys', undefined],
  ['PATCH', `/api_keys/${SOME}/revoke`, undefined],
  ['DELETE', `/api_keys/${SOME}`, undefined],
  ['POST', '/provider_connections', { provider: 'sandbox' }],
  ['GET', '/provider_connections', undefined],
  ['GET', `/provider_connections/${SOME}`, undefined],
  ['PATCH', `/provider_connections/${SOME}`, { priority: 1 }],
  ['POST', `/provider_connections/${SOME}/verify`, undefined],
  ['DELETE', `/provider_connections/${SOME}`, undefined],
  ['POST', '/suppressions', { email: 'a@example.com' }],
  ['GET', '/suppressions', undefined],
  ['DELETE', `/suppressions/${SOME}`, undefined],
] as const;

const OPEN = [
  ['POST', '/auth/login', { email: 'a@example.com', password: 'x' }],
  [
    'POST',
    '/auth/register',
    {
      name: 'x',
      email: 'a@example.com',
      password: 'long enough',
      password_confirmation: 'long enough',
    },
  ],
  ['GET', '~/health/ready', undefined],
] as const;

async function expectUnavailable(
  caller: ApiCaller,
  routes: readonly (typeof NEEDS_DATABASE | typeof OPEN)[number][],
): Promise<void> {
  for (const [method, path, body] of routes) {
    const answer = await caller.call<ErrorAnswer>(method, path, { body });
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBe(503);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/);
    expect(answer.body.code).toBe('unavailable');
    expect(answer.text).not.toMatch(/ECONN|pool|postgres|127\.0/i);
  }
}

describe('with its database', () => {
  let api: ApiFixture;
  beforeAll(async () => {
    api = await createApiFixture();
  });
  afterAll(() => api.close());

  it('is alive and ready', async () => {
    for (const path of ['~/health/live', '~/health/ready']) {
      const answer = await api.anyone.get(path);
      expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }]);
    }
    const metrics = await api.anyone.get('~/metrics');
    expect([metrics.status, metrics.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
  });

  it('writes one line a request, with nothing of what was said', async () => {
    const me = await api.signUp({ email: 'secret-address@example.com' });
    const before = api.log.lines.length;
    await me.get('/emails?recipient=hidden-recipient');
    await me.post('/emails', { ...MAIL, to: 'hidden-recipient@example.com', text: 'hidden-text' });
    await me.post('/emails', { bogus: 'hidden-text' });
    await me.get('/emails/hidden-text');
    await me.get('/nope/hidden-text');
    await me.call('POST', '/emails', { payload: '{"hidden-text' });
    await api.anyone.get('/emails', { headers: { authorization: 'Bearer hidden-text' } });
    await api.anyone.post('/auth/login', { email: 'secret-address@example.com', password: 'no' });
    const lines = api.log.lines.slice(before).map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(8);
    for (const line of lines) {
      expect(Object.keys(line)).toEqual(
        expect.arrayContaining(['method', 'status', 'ms', 'reqId']),
      );
      expect(line).toMatchObject({ msg: 'request' });
    }
    expect(lines[1]).toMatchObject({
      route: '/api/v1/emails',
      status: 202,
      accountId: me.accountId,
    });
    expect(api.log.text()).not.toMatch(/hidden|secret-address|Bearer/);
    expect(api.log.text()).not.toContain(me.token);
  });

  it('puts the usual safety headers on answers', async () => {
    const { headers } = await api.anyone.get('/nope');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('without its database', () => {
  it('says 503 on every route when nothing listens there', async () => {
    const api = await createApiFixture({ connection: { host: '127.0.0.1', port: 1, user: 'x' } });
    try {
      await expectUnavailable(api.anyone, OPEN);
      await expectUnavailable(api.caller(`cxk_live_${'a'.repeat(43)}`), NEEDS_DATABASE);
      expect((await api.anyone.get('~/health/live')).status).toBe(200);
      expect((await api.anyone.get('/emails')).status).toBe(401);
    } finally {
      await api.close();
    }
  });

  it('says 503 on every route when its pool is closed, and holds no account back', async () => {
    const api = await createApiFixture();
    try {
      const me = await api.signUp();
      const { authenticator } = api.deps;
      const caller = await authenticator.authenticate(`Bearer ${me.token ?? ''}`);
      await api.database.close();
      await expectUnavailable(api.anyone, OPEN);
      await expectUnavailable(me, NEEDS_DATABASE);
      // As if the caller were known still: what the routes themselves say is what is asked.
      authenticator.authenticate = () => Promise.resolve(caller);
      await expectUnavailable(me, NEEDS_DATABASE);
      expect((await me.get('/emails')).headers['x-ratelimit-remaining']).toMatch(/^\d+$/);
    } finally {
      await api.close();
    }
  });
});

describe('during a shutdown', () => {
  it('serves what still comes on an open connection, and tells it to come no more', async () => {
    const api = await createApiFixture();
    const me = await api.signUp();
    const verdict = Promise.withResolvers<VerificationResult>();
    api.sandbox.onVerify = () => verdict.promise;
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    const answers = text(socket);
    const body = JSON.stringify({ provider: 'sandbox' });
    const head = `Host: a\r\nAuthorization: Bearer ${me.token ?? ''}\r\n`;
    socket.write(
      `POST /api/v1/provider_connections HTTP/1.1\r\n${head}Content-Type: application/json\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    await waitFor(() => api.sandbox.verified.length > 0, { what: 'the request to be under way' });
    const closed = api.app.close();
    await waitFor(() => !api.app.server.listening, { what: 'the shutdown to begin' });
    socket.write(`GET /api/v1/emails HTTP/1.1\r\n${head}\r\n`);
    await once(api.app.server, 'request');
    verdict.resolve({ status: 'verified', message: 'yes' });
    const [first, second = ''] = (await answers).split(/(?<=.)(?=HTTP\/1\.1 )/s);
    expect(first).toMatch(/^HTTP\/1\.1 201 /);
    expect(second).toMatch(/^HTTP\/1\.1 200 /);
    expect(second).toMatch(/^connection: close\r$/im);
    expect(second).toMatch(/^x-request-id: /im);
    await closed;
    await api.close();
  });
});
