import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let fixture: HttpFixture;
let owner: Awaited<ReturnType<HttpFixture['createAccount']>>;
let stranger: Awaited<ReturnType<HttpFixture['createAccount']>>;
beforeAll(async () => {
  fixture = await createHttpFixture();
  [owner, stranger] = [await fixture.createAccount(), await fixture.createAccount()];
});
afterAll(() => fixture.close());

const statusWith = async (token: string, node = fixture.call) =>
  (await node('GET', 'api_keys', { token })).status;

describe('POST /api_keys', () => {
  test('shows the raw key once and keeps its hash and prefix', async () => {
    const answer = await fixture.call('POST', 'api_keys', {
      token: owner.token,
      body: { name: ' First ', expires_at: '2999-01-01T00:00:00Z' },
    });
    expect(answer.status).toBe(201);
    const { raw_key: rawKey, ...key } = answer.body;
    expect(rawKey).toMatch(/^cxk_live_[\w-]{43}$/);
    expect(key).toMatchObject({ name: 'First', mode: 'live', role: 'full', status: 'active' });
    expect(key['expires_at']).toBe('2999-01-01T00:00:00.000Z');
    expect(String(rawKey).startsWith(String(key['prefix']))).toBe(true);
    const list = await fixture.call('GET', 'api_keys', { token: String(rawKey) });
    expect(list.list).toEqual([{ ...key, last_used_at: null }]);
    const { rows } = await fixture.services.database.pool.query(
      'select api_keys::text from api_keys',
    );
    expect(JSON.stringify(rows)).not.toContain(rawKey);
  });

  test.each<[Record<string, unknown>, string[]]>([
    [{}, ['Name is required']],
    [{ name: '' }, ['Name is required']],
    [{ name: 'a', mode: 'demo' }, ['Mode must be one of: live, test']],
    [{ name: 'a', role: 'admin' }, ['Role must be one of: full, send, read']],
    [{ name: 'a', expires_at: '2020-01-01T00:00:00Z' }, ['expires_at must be in the future']],
    [{ name: 'a', expires_at: '2030-06-30T23:59:60Z' }, ['expires_at must be in the future']],
    [{ name: 'a', expires_at: 'soon' }, ['expires_at must be a time such as 2026-03-22T10:30:00Z']],
    [{ name: 'a', expires_at: 5 }, ['expires_at must be a string']],
    [{ name: 'a', expiresAt: null }, ['Unknown field: expiresAt; did you mean expires_at?']],
    [{ name: 'a\u0000' }, ['name must not contain NUL characters']],
    [
      { expires_at: '2020-01-01T00:00:00Z', role: 1 },
      [
        'Name is required',
        'Role must be one of: full, send, read',
        'expires_at must be in the future',
      ],
    ],
  ])('refuses %j', async (body, errors) => {
    const answer = await fixture.call('POST', 'api_keys', { token: owner.token, body });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual(errors);
  });
});

describe('the role of a key', () => {
  const calls = [
    ['PATCH', 'auth/me'],
    ['GET', 'api_keys'],
    ['POST', 'api_keys'],
    ['PATCH', 'api_keys/x/revoke'],
    ['DELETE', 'api_keys/x'],
    ['GET', 'provider_connections'],
    ['POST', 'provider_connections'],
    ['GET', 'provider_connections/x'],
    ['PATCH', 'provider_connections/x'],
    ['POST', 'provider_connections/x/verify'],
    ['DELETE', 'provider_connections/x'],
    ['GET', 'suppressions'],
    ['POST', 'suppressions'],
    ['DELETE', 'suppressions/x'],
    ['GET', 'emails'],
    ['GET', 'emails/x'],
  ] as const;

  test.each(calls)('send allows no %s %s', async (method, path) => {
    const { raw_key: token } = await owner.createKey({ role: 'send' });
    const body = ['POST', 'PATCH'].includes(method) ? { body: { name: 'x' } } : {};
    const answer = await fixture.call(method, path, { token, ...body });
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test.each(calls.filter(([method]) => method !== 'GET'))(
    'read allows no %s %s',
    async (method, path) => {
      const { raw_key: token } = await owner.createKey({ role: 'read' });
      const body = ['POST', 'PATCH'].includes(method) ? { body: { name: 'x' } } : {};
      const answer = await fixture.call(method, path, { token, ...body });
      expect(answer.status).toBe(403);
    },
  );

  test.each(calls)('%s %s needs a token', async (method, path) => {
    const answer = await fixture.call(method, path);
    expect(answer).toMatchObject({ status: 401, body: { error: 'Unauthorized' } });
  });

  test('send allows sending', async () => {
    const { raw_key: token } = await owner.createKey({ role: 'send' });
    const body = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hi' };
    expect(await fixture.call('POST', 'emails', { token, body })).toMatchObject({ status: 202 });
  });

  test.each(['full', 'send', 'read'])('%s may know whose it is', async (role) => {
    const { raw_key: token } = await owner.createKey({ role });
    const answer = await fixture.call('GET', 'auth/me', { token });
    expect(answer).toMatchObject({ status: 200, body: { account: { id: owner.account.id } } });
    expect((await fixture.call('GET', 'auth/me')).status).toBe(401);
  });

  test('a test key reads and sends, and changes nothing', async () => {
    const { raw_key: token } = await owner.createKey({ mode: 'test' });
    const before = await fixture.call('GET', 'api_keys', { token });
    expect(before.status).toBe(200);
    for (const [method, path] of calls.filter(([verb]) => verb !== 'GET')) {
      const body = ['POST', 'PATCH'].includes(method) ? { body: { name: 'x' } } : {};
      const answer = await fixture.call(method, path, { token, ...body });
      expect(answer, `${method} ${path}`).toMatchObject({ status: 403 });
      expect(answer.body['error']).toMatch(/test key .* changes nothing/);
    }
  });
});

describe('a key bound to a domain', () => {
  const send = (token: string, from: string) =>
    fixture.call('POST', 'emails', {
      token,
      body: { from, to: 'b@example.com', subject: 'Hi', text: 'Hi' },
    });

  test('sends from exactly that one', async () => {
    const key = await owner.createKey({ role: 'send', domain: 'Bücher.example' });
    expect(key).toMatchObject({ role: 'send', domain: 'xn--bcher-kva.example' });
    expect((await send(key.raw_key, 'a@bücher.example')).status).toBe(202);
    for (const from of ['a@other.example', 'a@news.bücher.example', 'a@example']) {
      const answer = await send(key.raw_key, from);
      expect([403, 422], from).toContain(answer.status);
    }
    expect((await send(key.raw_key, 'a@other.example')).body['error']).toBe(
      'This API key sends from xn--bcher-kva.example only; from_email is at other.example.',
    );
  });

  test.each([
    [{ domain: 'a.example' }, 'Domain is for keys that only send; give role "send" with it'],
    [
      { domain: 'a.example', role: 'full' },
      'Domain is for keys that only send; give role "send" with it',
    ],
    [{ domain: 'https://a.example', role: 'send' }, 'Domain is not a valid domain name'],
    [{ domain: 'a', role: 'send' }, 'Domain is not a valid domain name'],
  ])('is refused as %j', async (over, error) => {
    const { token } = owner;
    const body = { name: 'x', ...over };
    const answer = await fixture.call('POST', 'api_keys', { token, body });
    expect(answer).toMatchObject({ status: 422, body: { errors: [error] } });
  });
});

describe('the end of a key', () => {
  test('by revoking counts at once here, elsewhere within the cache, and a second time changes nothing', async () => {
    const node = await fixture.createNode();
    const key = await owner.createKey();
    expect(await statusWith(key.raw_key)).toBe(200);
    expect(await statusWith(key.raw_key, node.call)).toBe(200);
    const path = `api_keys/${key.id}/revoke`;
    const revoked = await fixture.call('PATCH', path, { token: owner.token });
    expect(revoked).toMatchObject({ status: 200, body: { status: 'revoked' } });
    expect(await statusWith(key.raw_key)).toBe(401);
    await waitFor(async () => (await statusWith(key.raw_key, node.call)) === 401, {
      what: 'the other node to refuse the key',
    });
    const again = await fixture.call('PATCH', path, { token: owner.token });
    expect(again.body['revoked_at']).toBe(revoked.body['revoked_at']);
  });

  test('by deleting counts at once, and its record is gone', async () => {
    const key = await owner.createKey();
    expect(await statusWith(key.raw_key)).toBe(200);
    const path = `api_keys/${key.id}`;
    const answer = await fixture.call('DELETE', path, { token: owner.token });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(await statusWith(key.raw_key)).toBe(401);
    expect((await fixture.call('DELETE', path, { token: owner.token })).status).toBe(404);
  });

  test('by expiry needs nobody', async () => {
    const expiresAt = new Date(fixture.clock.now.getTime() + 60_000);
    const key = await owner.createKey({ expires_at: expiresAt.toISOString() });
    expect(await statusWith(key.raw_key)).toBe(200);
    const before = fixture.clock.now;
    fixture.clock.now = new Date(expiresAt.getTime() + 1);
    expect(await statusWith(key.raw_key)).toBe(401);
    const list = await fixture.call('GET', 'api_keys', { token: owner.token });
    expect(list.list.find(({ id }) => id === key.id)).toMatchObject({ status: 'expired' });
    fixture.clock.now = before;
  });

  test('leaves calls that are just being authenticated unharmed', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => owner.createKey()));
    fixture.authenticator.forget();
    const statuses = Promise.all(keys.map((key) => statusWith(key.raw_key)));
    // The lookups are under way now.
    await delay(0);
    fixture.authenticator.forget();
    expect(new Set(await statuses)).toEqual(new Set([200]));
  });

  test.each(['api_keys/:id/revoke', 'api_keys/:id'])(
    "of another account's key, or of none, is 404: %s",
    async (path) => {
      const key = await owner.createKey();
      const method = path.endsWith('revoke') ? 'PATCH' : 'DELETE';
      const ids = [key.id, '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a', 'none', '%00', 'x'.repeat(300)];
      for (const id of ids) {
        const { token } = stranger;
        const answer = await fixture.call(method, path.replace(':id', id), { token });
        expect(answer).toMatchObject({ status: 404, body: { error: 'Not found' } });
        expect(answer.headers['x-request-id']).toBe(answer.body['request_id']);
      }
      expect(await statusWith(key.raw_key)).toBe(200);
    },
  );
});

test('a list is an array, newest first, with where it stands in its headers', async () => {
  const { token, createKey } = await fixture.createAccount();
  for (const name of ['one', 'two', 'three']) await createKey({ name });
  const first = await fixture.call('GET', 'api_keys?per_page=2', { token });
  expect(first.list.map(({ name }) => name)).toEqual(['three', 'two']);
  expect(first.headers).toMatchObject({
    'x-total-count': '3',
    'x-page': '1',
    'x-per-page': '2',
    link: '</api/v1/api_keys?per_page=2&page=2>; rel="next"',
  });
  const next = /<(.*)>/.exec(first.headers['link'] ?? '')?.[1] ?? '';
  const second = await fixture.call('GET', next, { token });
  expect(second.list.map(({ name }) => name)).toEqual(['one']);
  expect(second.headers['link']).toBeUndefined();
  for (const query of [
    'page=0',
    'per_page=101',
    'per_page=x',
    'page=',
    'page=1&page=2',
    'pgae=1',
  ]) {
    expect((await fixture.call('GET', `api_keys?${query}`, { token })).status).toBe(422);
  }
});

test('the last use of a key is written after the call, once a minute, and before a stop', async () => {
  const node = await fixture.createNode();
  const key = await owner.createKey();
  await node.call('GET', 'api_keys', { token: key.raw_key });
  await node.authenticator.close();
  const { list } = await fixture.call('GET', 'api_keys', { token: owner.token });
  expect(list.find(({ id }) => id === key.id)?.['last_used_at']).not.toBeNull();
});
