import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, faultsOf, type ErrorAnswer } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let me: SignedUp;

beforeAll(async () => {
  api = await createApiFixture();
  me = await api.signUp();
});
afterAll(() => api.close());

const SOME_ID = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';

const BODY_ROUTES = [
  ['POST', '/auth/register'],
  ['POST', '/auth/login'],
  ['PATCH', '/auth/me'],
  ['POST', '/api_keys'],
  ['POST', '/emails'],
  ['POST', '/provider_connections'],
  ['PATCH', `/provider_connections/${SOME_ID}`],
  ['POST', '/suppressions'],
] as const;

const ID_ROUTES = [
  ['GET', '/emails/:id'],
  ['GET', '/provider_connections/:id'],
  ['PATCH', '/provider_connections/:id'],
  ['POST', '/provider_connections/:id/verify'],
  ['DELETE', '/provider_connections/:id'],
  ['PATCH', '/api_keys/:id/revoke'],
  ['DELETE', '/api_keys/:id'],
  ['DELETE', '/suppressions/:id'],
] as const;

const LIST_ROUTES = ['/emails', '/api_keys', '/provider_connections', '/suppressions'] as const;

describe('a body that is not JSON', () => {
  it.each(BODY_ROUTES)('is a 400 on %s %s', async (method, path) => {
    for (const payload of ['{', 'nope', '{"a":1}}', '{"a":1,}', '\u0000', '[1', '"\n"', 'NaN']) {
      const answer = await me.call<ErrorAnswer>(method, path, { payload });
      expect(answer.status, payload).toBe(400);
      expect(answer.body).toMatchObject({ error: 'The body is not valid JSON' });
      expect(answer.body.code).toBe('malformed_json');
    }
  });

  it.each(BODY_ROUTES)('is a 400 on %s %s when it is no UTF-8', async (method, path) => {
    const answer = await me.call<ErrorAnswer>(method, path, {
      payload: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toBe('The body is not valid UTF-8');
  });

  it.each([
    '{"__proto__":{"name":"x"}}',
    '{"name":"x","\\u005f_proto__":{}}',
    '{"metadata":{"__proto__":{"a":1}}}',
    '{"constructor":{"prototype":{"a":1}}}',
  ])('is a 400 when it reaches for the prototype: %s', async (payload) => {
    for (const [method, path] of BODY_ROUTES) {
      const answer = await me.call<ErrorAnswer>(method, path, { payload });
      expect(answer.status, `${method} ${path}`).toBe(400);
      expect(answer.body.code).toBe('malformed_json');
    }
    expect(({} as { a?: number }).a).toBeUndefined();
  });
});

describe('a body of another kind', () => {
  it('is a 415 for any type but JSON', async () => {
    const types = ['text/plain', 'application/xml', 'application/x-www-form-urlencoded', 'x', ''];
    for (const type of types) {
      const answer = await me.call<ErrorAnswer>('POST', '/emails', {
        payload: 'a=1',
        headers: { 'content-type': type },
      });
      expect(answer.status, type).toBe(415);
      expect(answer.body.code).toBe('unsupported_media_type');
    }
  });

  it('takes JSON with a charset', async () => {
    const answer = await me.call('POST', '/emails', {
      payload: '{}',
      headers: { 'content-type': 'application/json; charset=utf-8' },
    });
    expect(answer.status).toBe(422);
  });

  it('is a 413 when it is too large, and a 401 first for those who may not send it', async () => {
    const payload = JSON.stringify({ name: 'x'.repeat(1024 * 1024) });
    for (const path of ['/api_keys', '/suppressions', '/provider_connections']) {
      const answer = await me.call<ErrorAnswer>('POST', path, { payload });
      expect(answer.status, path).toBe(413);
      expect(answer.body.code).toBe('payload_too_large');
      expect((await api.anyone.call('POST', path, { payload })).status).toBe(401);
    }
    const large = `{"text":"${'x'.repeat(60 * 1024 * 1024)}"}`;
    expect((await me.call('POST', '/emails', { payload: large })).status).toBe(413);
  });

  it.each(BODY_ROUTES)('is a 422 on %s %s when it is no object', async (method, path) => {
    for (const payload of ['null', '1', '"x"', '[]', 'true', '[{}]']) {
      const answer = await me.call(method, path, { payload });
      expect(faultsOf(answer)).toContain('The body must be an object');
    }
    expect((await me.call(method, path)).status).toBe(422);
  });
});

describe('what PostgreSQL can not keep', () => {
  it.each(BODY_ROUTES)('is a 422 on %s %s, wherever it stands', async (method, path) => {
    const bodies = ['"a":"x\\u0000y"', '"x\\u0000":1', '"a":"\\ud800"', '"\\udc00":1'];
    for (const inner of [...bodies, `"metadata":{"a":[{${bodies[0] ?? ''}}]}`]) {
      const answer = await me.call(method, path, { payload: `{${inner}}` });
      expect(answer.status, inner).toBe(422);
    }
  });

  it.each(BODY_ROUTES)('is a 422 on %s %s when nested 10,000 deep', async (method, path) => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(10_000)}1${close.repeat(10_000)}`;
      const answer = await me.call(method, path, { payload: `{"metadata":${deep}}` });
      expect(faultsOf(answer)[0]).toMatch(/^metadata\S+ is nested too deeply$/);
    }
  });

  it('is a 422 in a query and a 404 in a path', async () => {
    for (const path of LIST_ROUTES) {
      for (const query of ['email=%00', 'recipient=%00', 'tag=a%00b', '%00=1', 'cursor=%00']) {
        expect((await me.get(`${path}?${query}`)).status, `${path}?${query}`).toBe(422);
      }
    }
    for (const [method, path] of ID_ROUTES) {
      const answer = await me.call(method, path.replace(':id', '%00'), {
        ...(path === '/provider_connections/:id' && { body: { priority: 1 } }),
      });
      expect(answer.status, `${method} ${path}`).toBe(404);
    }
  });

  it('is a 422 when it has more values than any mail', async () => {
    for (const [name, value] of Object.entries({ tags: '1', to: '{}', metadata: 'null' })) {
      const payload = `{"${name}":[${`${value},`.repeat(1_000_000)}0]}`;
      expect(faultsOf(await me.call('POST', '/emails', { payload }))).toEqual([
        'The body holds too many values',
      ]);
    }
  });
});

describe('an address that leads nowhere', () => {
  it.each(['/nope', '/', '', '/emails/', '/emails/a/b', '/auth', '/%2e%2e/health/live'])(
    'is a 404: %s',
    async (path) => {
      const answer = await me.get<ErrorAnswer>(path);
      expect(answer.status).toBe(404);
      expect(answer.body).toMatchObject({ error: 'Not found', code: 'not_found' });
    },
  );

  it.each(['~/', '~/favicon.ico', '~/api', '~/api/v2/emails', '~//api/v1/emails'])(
    'is a 404 outside the API too: %s',
    async (path) => expect((await api.anyone.get(path)).status).toBe(404),
  );

  it('is a 404 when it can not be decoded', async () => {
    for (const id of ['%', '%zz', '%c3%28', '%ff']) {
      expect((await me.get(`/emails/${id}`)).status, id).toBe(404);
    }
  });

  it('is a 404 for a method that the address does not know', async () => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
      expect((await me.call(method, '/emails')).status, method).toBe(404);
    }
    expect((await me.post(`/emails/${SOME_ID}`, {})).status).toBe(404);
    expect((await api.anyone.post('~/health/live', {})).status).toBe(404);
  });

  it.each(ID_ROUTES)('is a 404 for an id that is none: %s %s', async (method, path) => {
    const body = path === '/provider_connections/:id' ? { priority: 1 } : undefined;
    const ids = ['1', 'x'.repeat(150), 'x'.repeat(5000), `${SOME_ID}x`, "';--", '%2e', SOME_ID];
    for (const id of [...ids, 'constructor', '__proto__', '%E2%80%A8', '%F0%9F%92%A9']) {
      const answer = await me.call(method, path.replace(':id', id), {
        ...(body && method === 'PATCH' && { body }),
      });
      expect(answer.status, id).toBe(404);
    }
  });
});

describe('a request id', () => {
  it('is the one of the caller when it is a plain one', async () => {
    const answer = await me.get<ErrorAnswer>('/nope', { headers: { 'x-request-id': 'abc-1_2' } });
    expect(answer.headers['x-request-id']).toBe('abc-1_2');
    expect(answer.body.request_id).toBe('abc-1_2');
  });

  it('is ours when the one of the caller could do harm', async () => {
    for (const given of ['a b', 'x'.repeat(65), '<script>', '']) {
      const answer = await me.get('/nope', { headers: { 'x-request-id': given } });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe('a request that is no HTTP', () => {
  async function speak(words: string): Promise<string> {
    if (!api.app.server.listening) await api.app.listen({ port: 0, host: '127.0.0.1' });
    const address = api.app.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    const socket = connect(address.port, address.address);
    socket.end(words);
    return text(socket);
  }

  it('is a 400 in the shape of all others', async () => {
    const answer = await speak('NOPE\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/^x-request-id: [0-9a-f-]{36}\r$/im);
    const [, body = ''] = answer.split('\r\n\r\n');
    expect(Object.keys(JSON.parse(body) as object)).toEqual(['error', 'code', 'request_id']);
  });

  it('is a 431 when the address is longer than any of ours', async () => {
    const answer = await speak(
      `GET /api/v1/emails?tag=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toMatch(/^x-request-id: /im);
  });
});

describe('an error of our own', () => {
  it('is a 500 that shows nothing of the inside, and is logged', async () => {
    const broken = await createApiFixture();
    try {
      const caller = await broken.signUp();
      for (const thrown of [new TypeError('inside /srv/x.ts'), 'inside', null]) {
        broken.sendgrid.onCheckSettings = () => {
          throw thrown as Error;
        };
        const body = { provider: 'sendgrid', api_key: 'SG.some-key' };
        const answer = await caller.post<ErrorAnswer>('/provider_connections', body);
        expect(answer.status).toBe(500);
        expect(answer.body.code).toBe('internal');
        expect(answer.text).not.toContain('inside');
      }
      expect(broken.log.text()).toContain('inside /srv/x.ts');
      expect(broken.log.text()).not.toContain('SG.some-key');
    } finally {
      await broken.close();
    }
  });
});
