import { ApiKey, CreatedApiKey } from '@courierx/contract';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { errorOf, faultsOf, type ApiCaller } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { expectShape } from '../support/expect-shape.ts';
import { waitFor } from '../support/wait-for.ts';

let api: ApiFixture;
let me: SignedUp;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(async () => {
  me = await api.signUp();
});
afterEach(() => api.clock.set(null));

const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hello' };

async function makeKey(over: Record<string, unknown> = {}, by: ApiCaller = me) {
  const { status, body, text } = await by.post<CreatedApiKey>('/api_keys', { name: 'CI', ...over });
  expect(status, text).toBe(201);
  return { ...body, caller: api.caller(body.raw_key) };
}

describe('POST /api_keys', () => {
  it('shows the key this once, and later its first characters only', async () => {
    const { status, body } = await me.post<CreatedApiKey>('/api_keys', { name: ' CI ' });
    expect(status).toBe(201);
    expectShape(CreatedApiKey, body);
    const { raw_key: rawKey, ...rest } = body;
    expect(rawKey).toMatch(/^cxk_live_[\w-]{43}$/);
    expect(rest).toMatchObject({ name: 'CI', mode: 'live', role: 'full', status: 'active' });
    expect(rawKey.startsWith(rest.prefix) && rest.prefix.length < 16).toBe(true);
    const list = await me.get<ApiKey[]>('/api_keys');
    expect(list.body).toEqual([rest]);
    expectShape(ApiKey, list.body[0]);
    expect(list.text).not.toContain(rawKey);
    const stored = await api.database.pool.query('select * from api_keys');
    expect(JSON.stringify(stored.rows)).not.toContain(rawKey.slice(16));
    expect(api.log.text()).not.toContain(rawKey);
  });

  it.each([
    [{}, ['Name is required']],
    [{ name: '' }, ['Name is required']],
    [{ name: ' ' }, ['Name must be one line of text']],
    [{ name: 'a\u2028b' }, ['Name must be one line of text']],
    [{ name: 'x', mode: 'prod' }, ['Mode must be one of: live, test']],
    [{ name: 'x', role: null }, ['Role must be one of: full, send, read']],
    [{ name: 'x', expiresAt: 'x' }, ['Unknown field: expiresAt; did you mean expires_at?']],
    [{ name: 'x', expires_at: 5 }, ['expires_at must be a string']],
    [{ name: 'x', expires_at: '2020-01-01T00:00:00Z' }, ['expires_at must be in the future']],
    [
      { name: ' ', expires_at: '0000-01-01T00:00:00Z' },
      ['Name must be one line of text', 'expires_at must be in the future'],
    ],
    // A leap second: valid on the wire, and no time to JavaScript.
    [{ name: 'x', expires_at: '2099-12-31T23:59:60Z' }, ['expires_at must be in the future']],
  ])('refuses %j', async (body, faults) => {
    expect(faultsOf(await me.post('/api_keys', body))).toEqual(faults);
  });

  it.each(['tomorrow', '2099-01-01', '2099-13-01T00:00:00Z', '+275760-09-13T00:00:00Z', '', '-1'])(
    'refuses a time that is none: %s',
    async (time) => {
      const answer = await me.post('/api_keys', { name: 'x', expires_at: time });
      expect(faultsOf(answer)).toEqual(['expires_at must be a time such as 2026-03-22T10:30:00Z']);
    },
  );

  it('takes any time ahead, with an offset too, and none', async () => {
    const { expires_at: utc } = await makeKey({ expires_at: '2099-06-01T12:00:00+02:00' });
    expect(utc).toBe('2099-06-01T10:00:00.000Z');
    expect((await makeKey({ expires_at: '9999-12-31T23:59:59Z' })).expires_at).toMatch(/^9999/);
    expect((await makeKey({ expires_at: null })).expires_at).toBeNull();
  });
});

describe('a key', () => {
  it('acts for its account', async () => {
    const { caller } = await makeKey();
    expect((await caller.get<{ account: { id: string } }>('/auth/me')).body.account.id).toBe(
      me.accountId,
    );
    expect((await caller.post('/emails', MAIL)).status).toBe(202);
  });

  it('ends when its time has come', async () => {
    const { caller, id } = await makeKey({ expires_at: new Date(Date.now() + 60_000) });
    expect((await caller.get('/emails')).status).toBe(200);
    api.clock.set(new Date(Date.now() + 61_000));
    expect((await caller.get('/emails')).status).toBe(401);
    expect((await me.get<ApiKey[]>('/api_keys')).body).toMatchObject([{ id, status: 'expired' }]);
  });

  it('tells when it was last used', async () => {
    const { caller, id } = await makeKey();
    await caller.get('/emails');
    const used = await waitFor(
      async () => {
        const keys = await me.get<ApiKey[]>('/api_keys');
        return keys.body.find((key) => key.id === id)?.last_used_at;
      },
      { what: 'the use of the key to be written down' },
    );
    expect(Math.abs(Date.now() - Date.parse(used))).toBeLessThan(60_000);
  });

  it('is revoked at once, and the second time changes nothing', async () => {
    const { caller, id } = await makeKey();
    expect((await caller.get('/emails')).status).toBe(200);
    const path = `/api_keys/${id}/revoke`;
    const first = await me.call<ApiKey>('PATCH', path, {
      payload: '',
      headers: { 'content-type': 'application/json' },
    });
    expect(first.status).toBe(200);
    expectShape(ApiKey, first.body);
    expect(first.body.status).toBe('revoked');
    expect((await caller.get('/emails')).status).toBe(401);
    const second = await me.patch<ApiKey>(path);
    expect(second.body).toEqual(first.body);
  });

  it('is gone when it is deleted', async () => {
    const { caller, id } = await makeKey();
    expect((await caller.get('/emails')).status).toBe(200);
    const headers = { 'content-type': 'application/json' };
    const answer = await me.delete(`/api_keys/${id}`, { headers });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await caller.get('/emails')).status).toBe(401);
    expect((await me.delete(`/api_keys/${id}`)).status).toBe(404);
    expect((await me.patch(`/api_keys/${id}/revoke`)).status).toBe(404);
  });

  it('that is revoked takes no other request down with it', async () => {
    const other = await api.signUp();
    const keys = await Promise.all(Array.from({ length: 10 }, () => makeKey({}, other)));
    const mine = await Promise.all(Array.from({ length: 10 }, () => makeKey()));
    const answers = await Promise.all(
      keys.flatMap((key, index) => [
        other.patch(`/api_keys/${key.id}/revoke`),
        ...mine.map(({ caller }) => caller.get(`/emails?page=${index + 1}`)),
      ]),
    );
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
  });

  it('can revoke itself', async () => {
    const { caller, id } = await makeKey();
    expect((await caller.patch(`/api_keys/${id}/revoke`)).status).toBe(200);
    expect((await caller.get('/emails')).status).toBe(401);
  });
});

describe('roles', () => {
  const SOME = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
  const READS = [
    '/emails',
    `/emails/${SOME}`,
    '/api_keys',
    '/provider_connections',
    `/provider_connections/${SOME}`,
    '/suppressions',
  ];
  const WRITES = [
    ['POST', '/api_keys', { name: 'x' }],
    ['PATCH', `/api_keys/${SOME}/revoke`, undefined],
    ['DELETE', `/api_keys/${SOME}`, undefined],
    ['POST', '/provider_connections', { provider: 'sandbox' }],
    ['PATCH', `/provider_connections/${SOME}`, { priority: 1 }],
    ['POST', `/provider_connections/${SOME}/verify`, undefined],
    ['DELETE', `/provider_connections/${SOME}`, undefined],
    ['POST', '/suppressions', { email: 'a@example.com' }],
    ['DELETE', `/suppressions/${SOME}`, undefined],
    ['PATCH', '/auth/me', { name: 'x' }],
  ] as const;

  it('send: may send, and nothing else', async () => {
    const { caller } = await makeKey({ role: 'send' });
    expect((await caller.post('/emails', MAIL)).status).toBe(202);
    for (const path of READS) expect((await caller.get(path)).status, path).toBe(403);
    for (const [method, path, body] of WRITES) {
      expect((await caller.call(method, path, { body })).status, path).toBe(403);
    }
  });

  it('read: may read, and nothing else', async () => {
    const { caller } = await makeKey({ role: 'read' });
    for (const path of READS) {
      expect((await caller.get(path)).status, path).toBe(path.includes(SOME) ? 404 : 200);
    }
    const refused = await caller.post('/emails', MAIL);
    expect(refused.status).toBe(403);
    expect(errorOf(refused)).toContain('"read"');
    for (const [method, path, body] of WRITES) {
      expect((await caller.call(method, path, { body })).status, path).toBe(403);
    }
    expect((await me.get<ApiKey[]>('/api_keys')).body).toHaveLength(1);
  });

  it('a test key makes test keys, never live ones', async () => {
    const { caller, raw_key: rawKey } = await makeKey({ mode: 'test' });
    expect(rawKey).toMatch(/^cxk_test_/);
    expect((await caller.post('/api_keys', { name: 'x' })).status).toBe(403);
    expect((await caller.post('/api_keys', { name: 'x', mode: 'live' })).status).toBe(403);
    expect((await makeKey({ mode: 'test' }, caller)).mode).toBe('test');
    const mail = await caller.post<{ mode: string }>('/emails', MAIL);
    expect(mail.body.mode).toBe('test');
  });
});

describe('GET /api_keys', () => {
  it('pages, newest first', async () => {
    for (const name of ['1', '2', '3']) await makeKey({ name });
    const first = await me.get<ApiKey[]>('/api_keys?per_page=2');
    expect(first.body.map((key) => key.name)).toEqual(['3', '2']);
    expect(first.headers).toMatchObject({
      'x-total-count': '3',
      'x-page': '1',
      'x-per-page': '2',
      link: '</api/v1/api_keys?per_page=2&page=2>; rel="next"',
    });
    const second = await me.get<ApiKey[]>('/api_keys?per_page=2&page=2');
    expect(second.body.map((key) => key.name)).toEqual(['1']);
    expect(second.headers['link']).toBeUndefined();
  });

  it.each([
    'page=0',
    'page=1e9',
    'page=x',
    'page=',
    'per_page=101',
    'per_page=-1',
    'page=1&page=2',
    'perpage=2',
    '__proto__=1',
    'page=1.5',
    'page=NaN',
    'page[]=1',
  ])('refuses ?%s', async (query) => expect((await me.get(`/api_keys?${query}`)).status).toBe(422));
});
