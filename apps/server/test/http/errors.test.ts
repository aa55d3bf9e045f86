import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
let token: string;
beforeAll(async () => {
  fixture = await createHttpFixture();
  ({ token } = await fixture.createAccount());
  await fixture.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => fixture.close());

const post = (payload: string | Buffer | undefined, headers: Record<string, string> = {}) =>
  fixture.app.inject({
    method: 'POST',
    url: '/api/v1/suppressions',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...(payload !== undefined && { payload }),
  });

describe('a body', () => {
  test.each<[string, string | Buffer | undefined, readonly [number, string]]>([
    ['that is no JSON', '{"email":', [400, 'malformed_json']],
    ['that is empty', '', [400, 'malformed_json']],
    ['that is not there', undefined, [400, 'malformed_json']],
    ['that is not UTF-8', Buffer.from([0x22, 0xff, 0x22]), [400, 'malformed_json']],
    ['with a __proto__', '{"__proto__":{"email":"a@b.c"}}', [400, 'malformed_json']],
    ['with a constructor', '{"constructor":{"prototype":{}}}', [400, 'malformed_json']],
    ['over 1 MiB', JSON.stringify({ note: 'x'.repeat(1_100_000) }), [413, 'payload_too_large']],
    ['that is a list', '[]', [422, 'invalid_request']],
    ['that is null', 'null', [422, 'invalid_request']],
    ['nested a thousand deep', '['.repeat(1000) + ']'.repeat(1000), [422, 'invalid_request']],
  ])('%s is answered as such', async (_what, payload, [status, code]) => {
    const answer = await post(payload);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code, request_id: answer.headers['x-request-id'] });
  });

  test.each([
    [{ 'content-type': 'text/plain' }],
    [{ 'content-type': 'application/x-www-form-urlencoded' }],
    [{ 'content-type': 'application/json; charset=latin1' }],
    [{ 'content-encoding': 'gzip' }],
  ])('with %j is 415', async (headers) => {
    const answer = await post('{"email":"a@example.com"}', headers);
    expect(answer.statusCode).toBe(415);
    expect(answer.json()).toMatchObject({ code: 'unsupported_media_type' });
  });

  test('of a million values is refused quickly and without a million faults', async () => {
    const answer = await fixture.app.inject({
      method: 'POST',
      url: '/api/v1/emails',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      payload: `{"tags":[${'1,'.repeat(3_000_000)}1]}`,
    });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({ errors: ['tags has too many values'] });
  });

  test('is not read at all without a token', async () => {
    const answer = await post('{"email":', { authorization: 'Bearer nobody' });
    expect(answer.statusCode).toBe(401);
  });
});

describe('the shape of errors', () => {
  test('is error, code and request_id, and errors for a 422', async () => {
    const missing = await fixture.call('GET', '/nowhere');
    expect(missing).toMatchObject({ status: 404 });
    expect(missing.body).toEqual({
      error: 'Not found',
      code: 'not_found',
      request_id: missing.headers['x-request-id'],
    });
    const invalid = await fixture.call('POST', 'suppressions', { token, body: {} });
    expect(invalid.body).toEqual({
      errors: ['Email is required'],
      code: 'invalid_request',
      request_id: invalid.headers['x-request-id'],
    });
  });

  test('is kept for paths that no router can read', async () => {
    const bad = await fixture.call('GET', '/api/v1/emails/%zz', { token });
    expect(bad).toMatchObject({ status: 400, body: { code: 'bad_request' } });
    expect(bad.headers['x-request-id']).toBe(bad.body['request_id']);
    const long = await fixture.call('GET', `/api/v1/emails/${'x'.repeat(5000)}`, { token });
    expect(long).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test('is 500 without a word of the inside for a bug, which is logged', async () => {
    const broken = await createHttpFixture({
      limiter: {
        take() {
          throw new Error('secret of the inside');
        },
      } as never,
    });
    try {
      const { token: own } = await broken.createAccount();
      const answer = await broken.call('GET', 'auth/me', { token: own });
      expect(answer).toMatchObject({ status: 500, body: { code: 'internal' } });
      expect(answer.text).not.toContain('secret');
      expect(broken.logLines.join('')).toContain('secret of the inside');
    } finally {
      await broken.close();
    }
  });

  test('is 503 with Retry-After while the database is away, and nobody is let in', async () => {
    const away = await createHttpFixture();
    try {
      const { token: own, createKey } = await away.createAccount();
      const { raw_key: key } = await createKey();
      await away.testDatabase.drop();
      const body = { email: 'a@example.com', password: 'p' };
      const answers = await Promise.all([
        away.call('GET', 'api_keys', { token: own }),
        away.call('GET', 'api_keys', { token: key }),
        away.call('POST', 'auth/login', { body }),
        away.call('GET', '/health/ready'),
      ]);
      for (const { status, body: shown, headers } of answers) {
        expect(status).toBe(503);
        expect(shown['code']).toBe('unavailable');
        expect(Number(headers['retry-after'])).toBeGreaterThan(0);
      }
      expect((await away.call('GET', '/health/live')).status).toBe(200);
    } finally {
      await away.close();
    }
  });
});

describe('what is no HTTP', () => {
  const send = async (bytes: string) => {
    const { port } = fixture.app.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    return text(socket);
  };

  test.each([
    ['rubbish', 'rubbish\r\n\r\n', '400 Bad Request'],
    ['a header line without a name', 'GET / HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n', '400 Bad Request'],
    [
      'headers without end',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
    ],
  ])('%s is answered in JSON', async (_what, bytes, status) => {
    const [head = '', body = ''] = (await send(bytes)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status}`);
    const { request_id: id, error } = JSON.parse(body) as { request_id: string; error: string };
    expect(error).not.toBe('');
    expect(head).toContain(`X-Request-Id: ${id}`);
  });
});

describe('X-Request-Id', () => {
  const idFor = async (given: string) =>
    (await fixture.call('GET', '/health/live', { headers: { 'x-request-id': given } })).headers[
      'x-request-id'
    ];

  test("is the caller's where it is harmless, else one of ours", async () => {
    expect(await idFor('job-42_A')).toBe('job-42_A');
    for (const bad of ['', 'a b', 'x'.repeat(65), '<script>']) {
      expect(await idFor(bad)).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

test.each<['GET' | 'DELETE', string, string]>([
  ['GET', 'routing_rules?pge=2', 'Unknown field: pge'],
  ['GET', 'queue?page=2', 'Unknown field: page'],
  ['DELETE', 'suppressions/01a20bac-d906-73e0-96ac-81846a1147dd?all=1', 'Unknown field: all'],
])('a query that nothing reads is refused: %s %s', async (method, path, fault) => {
  const answer = await fixture.call(method, path, { token });
  expect(answer.status).toBe(422);
  expect(answer.body).toMatchObject({ errors: [expect.stringContaining(fault) as unknown] });
});

test('one line a request is logged, with no query, body, token or address in it', async () => {
  fixture.logLines.length = 0;
  const query = 'suppressions?email=private%40example.com';
  await fixture.call('GET', query, { token, headers: { 'x-request-id': 'logged-1' } });
  const lines = fixture.logLines.filter((line) => line.includes('logged-1'));
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    reqId: 'logged-1',
    method: 'GET',
    route: '/api/v1/suppressions',
    status: 200,
  });
  expect(lines[0]).toContain('accountId');
  expect(lines[0]).not.toMatch(/private|Bearer/);
});

test('/health and /metrics need no token and hold no account', async () => {
  expect(await fixture.call('GET', '/health/live')).toMatchObject({ status: 200 });
  expect(await fixture.call('GET', '/health/ready')).toMatchObject({ status: 200 });
  const metrics = await fixture.call('GET', '/metrics');
  expect(metrics.status).toBe(200);
  expect(metrics.headers['content-type']).toContain('text/plain');
});
