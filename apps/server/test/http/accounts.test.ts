import type { Account, AuditEntry, CreatedApiKey } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { purgeDeletedAccounts } from '../../src/services/accounts/purge-deleted.ts';
import { setAccountLimit } from '../../src/services/accounts/set-limit.ts';
import { errorOf, faultsOf } from '../support/api-caller.ts';
import {
  createApiFixture,
  PASSWORD,
  type ApiFixture,
  type SignedUp,
} from '../support/api-fixture.ts';

let api: ApiFixture;
let ada: SignedUp;
beforeAll(async () => {
  api = await createApiFixture();
});
beforeEach(async () => {
  ada = await api.signUp();
});
afterAll(() => api.close());

const NEW = 'another battery staple horse';
const login = (email: string, password: string) =>
  api.anyone.post<{ token: string }>('/auth/login', { email, password });
const makeKey = async (over: object = {}) =>
  (await ada.post<CreatedApiKey>('/api_keys', { name: 'k', ...over })).body;
const audit = async (query = '', who: SignedUp = ada) =>
  (await who.get<AuditEntry[]>(`/audit_log${query}`)).body;
const mail = { from: 'a@example.com', to: 'b@example.com', subject: 'x', text: 'x' };

describe('changing the password', () => {
  const change = (over: object = {}) =>
    ada.patch<{ token: string; account: Account }>('/auth/me', {
      ...{ password: NEW, password_confirmation: NEW, current_password: PASSWORD },
      ...over,
    });

  it('ends all sessions, gives the caller a new one, and leaves keys as they are', async () => {
    const other = await login(ada.email, PASSWORD);
    const key = await makeKey();
    const changed = await change();
    expect(changed.status).toBe(200);
    for (const token of [ada.token ?? '', other.body.token]) {
      expect((await api.caller(token).get('/auth/me')).status).toBe(401);
    }
    expect((await api.caller(changed.body.token).get('/auth/me')).status).toBe(200);
    expect((await api.caller(key.raw_key).get('/auth/me')).status).toBe(200);
    expect((await login(ada.email, PASSWORD)).status).toBe(401);
    expect((await login(ada.email, NEW)).status).toBe(200);
  });

  it.each([
    [{ current_password: undefined }, 'current_password is required to change email or password'],
    [{ current_password: 'wrong' }, 'current_password is not the password of this account'],
    [{ password_confirmation: 'other' }, 'password_confirmation does not match password'],
    [{ password_confirmation: undefined }, 'password_confirmation is required'],
    [{ password: 'short' }, 'Password is too short (minimum 8 characters)'],
  ])('is refused with %j', async (over, fault) => {
    expect(faultsOf(await change(over))).toEqual([fault]);
    expect((await ada.get('/auth/me')).status).toBe(200);
    expect((await login(ada.email, PASSWORD)).status).toBe(200);
  });

  it('counts wrong passwords together with those at the log-in', async () => {
    for (let tries = 0; tries < 10; tries += 1) await change({ current_password: 'wrong' });
    const answer = await change();
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login(ada.email, PASSWORD)).status).toBe(429);
  });
});

describe('changing the e-mail', () => {
  it('needs the password and takes an address nobody has', async () => {
    const email = `New.${crypto.randomUUID()}@Example.com`;
    expect(faultsOf(await ada.patch('/auth/me', { email }))).toHaveLength(1);
    const body = { email, current_password: PASSWORD };
    const changed = await ada.patch<{ account: Account; token?: string }>('/auth/me', body);
    expect(changed.body.account.email).toBe(email.replace('Example', 'example'));
    expect(changed.body.token).toBeUndefined();
    expect((await ada.get('/auth/me')).status).toBe(200);
    expect((await login(ada.email, PASSWORD)).status).toBe(401);
    expect((await login(email, PASSWORD)).status).toBe(200);
    const other = await api.signUp();
    const taken = await other.patch('/auth/me', { ...body, email: email.toUpperCase() });
    expect(faultsOf(taken)).toEqual(['Email has already been taken']);
    const none = await other.patch('/auth/me', { ...body, email: 'nobody' });
    expect(faultsOf(none)).toEqual(['Email is not a valid email address']);
  });

  it('with the password alone changes nothing', async () => {
    const answer = await ada.patch('/auth/me', { current_password: PASSWORD });
    expect(faultsOf(answer)).toEqual(['Give at least one field to change']);
  });
});

describe('DELETE /auth/me', () => {
  const remove = (password: string) => ada.call('DELETE', '/auth/me', { body: { password } });
  const rowsLeft = async () => {
    const tables = await api.database.pool.query<{ name: string }>(
      `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
       where a.attname = 'account_id' and c.relkind in ('r', 'p') and c.relname !~ '_y[0-9]{4}m'`,
    );
    const left: string[] = [];
    for (const { name } of tables.rows) {
      const sql = `select 1 from ${name} where account_id = $1 limit 1`;
      const { rows } = await api.database.pool.query(sql, [ada.accountId]);
      if (rows.length > 0) left.push(name);
    }
    return left.sort();
  };

  it('shuts the account at once and takes all its rows away in the background', async () => {
    const key = await makeKey();
    const caller = api.caller(key.raw_key);
    await caller.post('/provider_connections', { provider: 'sandbox' });
    await caller.post('/domains', { domain: 'yourapp.com' });
    await caller.post('/suppressions', { email: 'gone@example.com' });
    await caller.post('/emails', { ...mail, metadata: { idempotency_key: 'k' } });
    const other = await api.signUp();
    await other.post('/emails', mail);

    expect(faultsOf(await remove('wrong'))).toEqual([
      'Password is not the password of this account',
    ]);
    expect((await ada.call('DELETE', '/auth/me', { body: {} })).status).toBe(422);
    expect((await remove(PASSWORD)).status).toBe(204);

    expect((await ada.get('/auth/me')).status).toBe(401);
    expect((await caller.post('/emails', mail)).status).toBe(401);
    expect((await login(ada.email, PASSWORD)).status).toBe(401);
    expect((await api.signUp({ email: ada.email })).email).toBe(ada.email);

    expect(await rowsLeft()).toContain('emails');
    await purgeDeletedAccounts(api.services);
    expect(await rowsLeft()).toEqual([]);
    const account = () =>
      api.database.pool.query('select 1 from accounts where id = $1', [ada.accountId]);
    expect((await account()).rows).toHaveLength(1);
    await api.database.pool.query(
      `update accounts set deleted_at = now() - interval '1 hour' where id = $1`,
      [ada.accountId],
    );
    expect(await purgeDeletedAccounts(api.services)).toBe(1);
    expect((await account()).rows).toEqual([]);
    expect((await other.get<unknown[]>('/emails')).body).toHaveLength(1);
  });

  it('is not for test keys, nor for keys that only send or read', async () => {
    for (const over of [{ role: 'send' }, { role: 'read' }, { mode: 'test' }]) {
      const { raw_key: key } = await makeKey(over);
      const answer = await api.caller(key).call('DELETE', '/auth/me', {
        body: { password: PASSWORD },
      });
      expect(answer.status).toBe(403);
    }
    expect((await ada.get('/auth/me')).status).toBe(200);
  });
});

describe('GET /audit_log', () => {
  it('tells who changed what, newest first, and no secret', async () => {
    const key = await makeKey({ name: 'ci' });
    const caller = api.caller(key.raw_key);
    const connection = await caller.post<{ id: string }>('/provider_connections', {
      ...{ provider: 'sendgrid', display_name: 'Main', api_key: 'SG.very-secret-key' },
    });
    const { id } = connection.body;
    await caller.patch(`/provider_connections/${id}`, { api_key: 'SG.next-secret-key' });
    await caller.delete(`/provider_connections/${id}`);
    await caller.post('/suppressions', { email: 'a@example.com', note: 'private note' });
    await caller.delete('/suppressions?email=a@example.com');
    const domain = await caller.post<{ id: string }>('/domains', { domain: 'yourapp.com' });
    await caller.delete(`/domains/${domain.body.id}`);
    await ada.patch('/auth/me', { name: 'Grace', on_unknown: 'hold' });
    await ada.patch('/auth/me', {
      ...{ password: PASSWORD, password_confirmation: PASSWORD, current_password: PASSWORD },
    });
    const next = await login(ada.email, PASSWORD);
    ada = Object.assign(api.caller(next.body.token), {
      accountId: ada.accountId,
      email: ada.email,
    });
    await ada.patch(`/api_keys/${key.id}/revoke`);
    await ada.patch(`/api_keys/${key.id}/revoke`);
    await ada.delete(`/api_keys/${key.id}`);
    await setAccountLimit(api.database, ada.email, 500_000);

    const entries = await audit('?per_page=100');
    expect(entries.map(({ actor, action }) => `${actor} ${action}`)).toEqual([
      'operator account.limit_changed',
      'session api_key.deleted',
      'session api_key.revoked',
      'session account.password_changed',
      'session account.updated',
      'api_key domain.deleted',
      'api_key domain.created',
      'api_key suppression.deleted',
      'api_key suppression.created',
      'api_key provider_connection.deleted',
      'api_key provider_connection.updated',
      'api_key provider_connection.created',
      'session api_key.created',
      'session account.created',
    ]);
    const byAction = new Map(entries.map((entry) => [entry.action, entry]));
    expect(byAction.get('provider_connection.updated')).toMatchObject({
      api_key_id: key.id,
      subject_id: id,
      detail: { display_name: 'Main', changed: ['api_key'] },
    });
    expect(byAction.get('account.updated')).toMatchObject({
      api_key_id: null,
      detail: { name: 'Grace', on_unknown: 'hold' },
    });
    expect(byAction.get('api_key.created')).toMatchObject({
      subject_id: key.id,
      detail: { name: 'ci', role: 'full', mode: 'live' },
    });
    const text = JSON.stringify(entries);
    for (const secret of ['secret-key', key.raw_key, PASSWORD]) expect(text).not.toContain(secret);
  });

  it('is filtered and paged, and has no entry of what was refused', async () => {
    const key = await makeKey();
    await makeKey();
    await ada.post('/api_keys', { name: '' });
    await ada.delete(`/api_keys/${crypto.randomUUID()}`);
    await api.caller(key.raw_key).post('/suppressions', { email: 'a@example.com' });
    const actions = async (query: string) => (await audit(query)).map(({ action }) => action);
    expect(await actions('?action=api_key')).toEqual(['api_key.created', 'api_key.created']);
    expect(await actions('?action=api_key.created&actor=session')).toHaveLength(2);
    expect(await actions('?action=api_key.deleted')).toEqual([]);
    expect(await actions('?action=api%25')).toEqual([]);
    expect(await actions(`?api_key_id=${key.id}`)).toEqual(['suppression.created']);
    expect(await actions(`?subject_id=${key.id}`)).toEqual(['api_key.created']);
    expect(await actions('?subject_id=a@example.com')).toEqual(['suppression.created']);
    expect(await actions('?from=2020-01-01&to=2020-12-31')).toEqual([]);
    expect(await actions('?from=2020-01-01')).toHaveLength(4);
    const page = await ada.get<AuditEntry[]>('/audit_log?per_page=1&page=2');
    expect(page.headers).toMatchObject({ 'x-total-count': '4', 'x-page': '2' });
    expect(page.body).toHaveLength(1);
    expect(await audit('?page=50')).toEqual([]);
    const urn = `?api_key_id=urn:uuid:${key.id}`;
    for (const query of ['?from=nope', '?actor=me', '?api_key_id=1', urn, '?what=x']) {
      expect((await ada.get(`/audit_log${query}`)).status, query).toBe(422);
    }
  });

  it("is the account's own", async () => {
    const stranger = await api.signUp();
    await makeKey();
    expect((await audit('', stranger)).map(({ action }) => action)).toEqual(['account.created']);
    const { raw_key: key } = await makeKey({ role: 'send' });
    const answer = await api.caller(key).get('/audit_log');
    expect([answer.status, errorOf(answer)]).toEqual([403, expect.stringMatching(/role "send"/)]);
  });

  it('has no line of a change that did not happen, however it failed', async () => {
    const before = await audit();
    await ada.post('/domains', { domain: 'yourapp.com' });
    await ada.post('/domains', { domain: 'yourapp.com' });
    expect((await audit()).length).toBe(before.length + 1);
  });
});

describe('sign-ups', () => {
  it('are counted by e-mail as well', async () => {
    const email = `${crypto.randomUUID()}@example.com`;
    const body = { name: 'A', email, password: PASSWORD, password_confirmation: PASSWORD };
    const statuses: number[] = [];
    for (let tries = 0; tries < 11; tries += 1) {
      statuses.push((await api.anyone.post('/auth/register', body)).status);
    }
    expect(statuses).toEqual([201, ...Array<number>(9).fill(422), 429]);
  });
});

describe("an account's own limit", () => {
  it('is set by the operator, by e-mail or id, and taken away again', async () => {
    const limit = async () => {
      api.deps.authenticator.forget();
      return (await ada.get('/auth/me')).headers['x-ratelimit-limit'];
    };
    expect(await limit()).toBe('1000000');
    await setAccountLimit(api.database, ada.email.toUpperCase(), 77);
    expect(await limit()).toBe('77');
    await setAccountLimit(api.database, ada.accountId, null);
    expect(await limit()).toBe('1000000');
    await expect(setAccountLimit(api.database, 'nobody@example.com', 1)).rejects.toThrow();
  });
});
