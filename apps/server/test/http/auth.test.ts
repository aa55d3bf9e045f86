import { AccountAnswer, SessionAnswer } from '@courierx/contract';
import fc from 'fast-check';
import { SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorOf, faultsOf, type ApiAnswer } from '../support/api-caller.ts';
import { createApiFixture, PASSWORD, type ApiFixture } from '../support/api-fixture.ts';
import { expectShape } from '../support/expect-shape.ts';

let api: ApiFixture;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
afterEach(() => api.clock.set(null));

const mailOf = () => `${crypto.randomUUID()}@example.com`;

function registration(over: Record<string, unknown> = {}) {
  const password = PASSWORD;
  return { name: 'Ada', email: mailOf(), password, password_confirmation: password, ...over };
}

describe('POST /auth/register', () => {
  it('makes an account and a session good for 24 hours', async () => {
    const answer = await api.anyone.post<SessionAnswer>(
      '/auth/register',
      registration({ name: '  Ada Lovelace ', email: ' Ada.L@Example.COM ' }),
    );
    expect(answer.status).toBe(201);
    expectShape(SessionAnswer, answer.body);
    expectShape(SessionAnswer.properties.account, answer.body.account);
    expect(answer.body.account).toMatchObject({ name: 'Ada Lovelace', email: 'Ada.L@example.com' });
    const lifetime = Date.parse(answer.body.expires_at) - Date.now();
    expect(Math.round(lifetime / 3_600_000)).toBe(24);
    expect(answer.text).not.toContain(PASSWORD);
  });

  it('names every missing field, and every unknown one', async () => {
    expect(faultsOf(await api.anyone.post('/auth/register', {}))).toEqual([
      'Name is required',
      'Email is required',
      'Password is required',
      'password_confirmation is required',
    ]);
    const faults = faultsOf(
      await api.anyone.post('/auth/register', registration({ pasword: 'x', admin: true })),
    );
    expect(faults).toEqual([
      'Unknown field: pasword; did you mean password?',
      'Unknown field: admin',
    ]);
  });

  it.each([
    [{ email: 'nobody' }, 'Email is not a valid email address'],
    [{ email: 'a@b' }, 'Email is not a valid email address'],
    [{ name: ' ' }, 'Name must be one line of text'],
    [{ name: 'a\nb' }, 'Name must be one line of text'],
    [{ name: 5 }, 'Name must be a string'],
    [{ name: 'x'.repeat(201) }, 'Name is too long (maximum 200 characters)'],
    [{ password: 'short' }, 'Password is too short (minimum 8 characters)'],
    [{ password_confirmation: 'other' }, 'password_confirmation does not match password'],
    [{ password: null }, 'Password must be a string'],
  ])('refuses %j', async (over, fault) => {
    expect(faultsOf(await api.anyone.post('/auth/register', registration(over)))).toEqual([fault]);
  });

  it('gives one e-mail to one of two racing registrations, whatever its case', async () => {
    const email = mailOf();
    const answers = await Promise.all(
      [email, email.toUpperCase()].map((each) =>
        api.anyone.post('/auth/register', registration({ email: each })),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 422]);
    const loser = answers.find((answer) => answer.status === 422);
    expect(loser && faultsOf(loser)).toEqual(['Email has already been taken']);
  });
});

describe('POST /auth/login', () => {
  it('opens a session, whatever the case of the e-mail', async () => {
    const me = await api.signUp();
    const answer = await api.anyone.post<SessionAnswer>('/auth/login', {
      email: ` ${me.email.toUpperCase()}`,
      password: PASSWORD,
    });
    expect(answer.status).toBe(200);
    expectShape(SessionAnswer, answer.body);
    expect((await api.caller(answer.body.token).get('/auth/me')).status).toBe(200);
  });

  it('answers an unknown e-mail and a wrong password alike', async () => {
    const me = await api.signUp();
    const tries = [
      { email: me.email, password: 'wrong password' },
      { email: mailOf(), password: PASSWORD },
      { email: 'nobody', password: '' },
    ];
    for (const body of tries) {
      const answer = await api.anyone.post('/auth/login', body);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        error: 'Unauthorized',
        code: 'unauthorized',
        request_id: answer.headers['x-request-id'],
      });
    }
  });

  it('names missing fields and wrong types', async () => {
    expect(faultsOf(await api.anyone.post('/auth/login', {}))).toEqual([
      'Email is required',
      'Password is required',
    ]);
    expect(
      faultsOf(await api.anyone.post('/auth/login', { email: 1, password: ['x'], passwrd: 1 })),
    ).toEqual([
      'Unknown field: passwrd; did you mean password?',
      'Email must be a string',
      'Password must be a string',
    ]);
  });
});

describe('/auth/me', () => {
  it('shows the account to a session and to a key of any role', async () => {
    const me = await api.signUp();
    const { body } = await me.get<AccountAnswer>('/auth/me');
    expectShape(AccountAnswer, body);
    expect(body.account).toMatchObject({ id: me.accountId, on_unknown: 'fail_over' });
    const key = await me.post<{ raw_key: string }>('/api_keys', { name: 'k', role: 'send' });
    expect((await api.caller(key.body.raw_key).get('/auth/me')).body).toEqual(body);
  });

  it('changes the name and the policies', async () => {
    const me = await api.signUp();
    const change = { name: ' Grace ', on_unknown: 'hold', on_auth_failure: 'fail_over' };
    const { status, body } = await me.patch<AccountAnswer>('/auth/me', change);
    expect(status).toBe(200);
    expect(body.account).toMatchObject({ ...change, name: 'Grace' });
    expect((await me.get('/auth/me')).body).toEqual(body);
    const partly = await me.patch<AccountAnswer>('/auth/me', { name: 'Ada' });
    expect(partly.body.account).toMatchObject({ name: 'Ada', on_unknown: 'hold' });
  });

  it('names what can not be changed', async () => {
    const me = await api.signUp();
    expect(faultsOf(await me.patch('/auth/me', {}))).toEqual(['Give at least one field to change']);
    expect(faultsOf(await me.patch('/auth/me', { name: '' }))).toEqual(['Name is required']);
    expect(faultsOf(await me.patch('/auth/me', { name: ' ' }))).toEqual([
      'Name must be one line of text',
    ]);
    expect(faultsOf(await me.patch('/auth/me', { on_unknown: 'x', email: 'a@b.de' }))).toEqual([
      'Unknown field: email',
      'on_unknown must be one of: fail_over, hold, resend',
    ]);
  });
});

describe('a token', () => {
  function expectUnauthorized(answer: ApiAnswer<unknown>): void {
    expect(answer.status, answer.text).toBe(401);
    expect(errorOf(answer)).toBe('Unauthorized');
    expect(answer.headers['x-ratelimit-limit']).toBeUndefined();
  }

  async function forge(accountId: string, over: ForgeOptions = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ sv: 1, ...over.claims })
      .setProtectedHeader({ alg: over.alg ?? 'HS256' })
      .setIssuer(over.issuer ?? 'courierx')
      .setAudience('courierx')
      .setSubject(accountId)
      .setExpirationTime(over.expiresAt ?? now + 60)
      .sign(over.secret ?? api.jwtSecret);
  }
  type ForgeOptions = {
    alg?: string;
    claims?: Record<string, unknown>;
    issuer?: string;
    expiresAt?: number;
    secret?: Buffer;
  };

  it('of our making is taken, and one that differs in anything is not', async () => {
    const me = await api.signUp();
    expect((await api.caller(await forge(me.accountId)).get('/auth/me')).status).toBe(200);
    const forged = await Promise.all([
      forge(me.accountId, { secret: Buffer.alloc(32) }),
      forge(me.accountId, { alg: 'HS512', secret: Buffer.alloc(64, 1) }),
      forge(me.accountId, { expiresAt: 1 }),
      forge(me.accountId, { issuer: 'other' }),
      forge(me.accountId, { claims: { sv: 2 } }),
      forge(me.accountId, { claims: { sv: '1' } }),
      forge('not-an-id'),
      forge(crypto.randomUUID()),
    ]);
    for (const token of forged) expectUnauthorized(await api.caller(token).get('/auth/me'));
  });

  it('without a signature is not taken', async () => {
    const me = await api.signUp();
    const [, claims = '', signature = ''] = (me.token ?? '').split('.');
    for (const alg of ['none', 'None', 'NONE', 'nOnE']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url');
      for (const token of [`${header}.${claims}.`, `${header}.${claims}.${signature}`]) {
        expectUnauthorized(await api.caller(token).get('/auth/me'));
      }
    }
  });

  it('ends after 24 hours', async () => {
    const me = await api.signUp();
    api.clock.set(new Date(Date.now() + 24 * 3_600_000 - 60_000));
    expect((await me.get('/auth/me')).status).toBe(200);
    api.clock.set(new Date(Date.now() + 24 * 3_600_000 + 1_000));
    expectUnauthorized(await me.get('/auth/me'));
  });

  it('ends with its session version, and with its account', async () => {
    const me = await api.signUp();
    const gone = await api.signUp();
    const key = await gone.post<{ raw_key: string }>('/api_keys', { name: 'k' });
    const byKey = api.caller(key.body.raw_key);
    expect((await byKey.get('/emails')).status).toBe(200);
    const { pool } = api.database;
    await pool.query('update accounts set session_version = 2 where id = $1', [me.accountId]);
    await pool.query('delete from accounts where id = $1', [gone.accountId]);
    api.deps.authenticator.forget();
    for (const caller of [me, gone, byKey]) expectUnauthorized(await caller.get('/emails'));
  });

  it('that is anything else is refused alike, on every route', async () => {
    const routes = [
      ['GET', '/auth/me'],
      ['PATCH', '/auth/me'],
      ['POST', '/emails'],
      ['GET', '/emails'],
      ['GET', '/emails/1'],
      ['POST', '/api_keys'],
      ['DELETE', '/api_keys/1'],
      ['GET', '/provider_connections'],
      ['POST', '/provider_connections/1/verify'],
      ['DELETE', '/suppressions/1'],
    ] as const;
    for (const [method, path] of routes) {
      expectUnauthorized(await api.anyone.call(method, path));
      expectUnauthorized(await api.anyone.call(method, path, { payload: '{' }));
    }
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `Bearer ${text}`),
          fc.base64String().map((text) => `Bearer cxk_live_${text}`),
          fc
            .tuple(fc.base64String(), fc.base64String(), fc.base64String())
            .map((parts) => `bearer ${parts.join('.')}`),
          fc.constantFrom('Basic YTpi', 'Bearer', 'Bearer  ', `Bearer ${'x'.repeat(5000)}`),
        ),
        async (authorization) => {
          expectUnauthorized(await api.anyone.get('/auth/me', { headers: { authorization } }));
        },
      ),
      { numRuns: 200 },
    );
  });
});
