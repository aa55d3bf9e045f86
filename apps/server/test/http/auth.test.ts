import fc from 'fast-check';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { createHttpFixture, PASSWORD, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());

const register = (over: Record<string, unknown>) =>
  fixture.call('POST', 'auth/register', {
    body: {
      name: 'Ada',
      email: 'ada@example.com',
      password: PASSWORD,
      password_confirmation: PASSWORD,
      ...over,
    },
  });

describe('registration', () => {
  test('answers 201 with a token, its end and the account, and the token works', async () => {
    const answer = await register({ email: 'First@Example.COM', name: '  Ada  ' });
    expect(answer.status).toBe(201);
    const { token, account, expires_at: expiresAt } = answer.body;
    expect(account).toMatchObject({ name: 'Ada', email: 'First@example.com' });
    const hours = (Date.parse(String(expiresAt)) - fixture.clock.now.getTime()) / 3_600_000;
    expect(hours).toBeCloseTo(24, 1);
    const me = await fixture.call('GET', 'auth/me', { token: String(token) });
    expect(me).toMatchObject({ status: 200, body: { account } });
    expect(answer.text).not.toContain('password');
  });

  test('refuses an e-mail that is taken, whatever its case', async () => {
    await register({ email: 'taken@example.com' });
    const answer = await register({ email: 'TAKEN@example.com' });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual(['Email has already been taken']);
  });

  test('of two that race for one e-mail, one gets 201 and the other 422', async () => {
    const email = 'race@example.com';
    const answers = await Promise.all([register({ email }), register({ email })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    ['a missing field', { name: undefined }, ['Name is required']],
    ['blank texts', { name: '', email: '' }, ['Name is required', 'Email is required']],
    ['a name of spaces', { name: '   ' }, ['Name is required']],
    ['a line break in the name', { name: 'a\nb' }, ['Name must be one line of text']],
    ['an address that is none', { email: 'nobody' }, ['Email is not a valid email address']],
    [
      'a short password',
      { password: 'short', password_confirmation: 'short' },
      ['Password is too short (minimum 8 characters)'],
    ],
    [
      'another confirmation',
      { password_confirmation: 'other' },
      ['password_confirmation does not match password'],
    ],
    ['a wrong type', { name: 5 }, ['Name must be a string']],
    ['an unknown field', { emial: 'x' }, ['Unknown field: emial; did you mean email?']],
    [
      'the faults of the schema and all others at once',
      { name: 7, email: 'nobody', password_confirmation: 'other', mode: 'demo' },
      [
        'Unknown field: mode',
        'Name must be a string',
        'Email is not a valid email address',
        'password_confirmation does not match password',
      ],
    ],
  ])('names %s', async (_what, over, errors) => {
    const answer = await register({ email: 'new@example.com', ...over });
    expect(answer.status).toBe(422);
    expect(new Set(answer.body['errors'] as string[])).toEqual(new Set(errors));
  });
});

describe('login', () => {
  const login = (email: string, password: string, options = {}) =>
    fixture.call('POST', 'auth/login', { body: { email, password }, ...options });

  test('answers 200 for the right password, whatever the case of the e-mail', async () => {
    const { account } = await fixture.createAccount('login@example.com');
    const answer = await login('LOGIN@EXAMPLE.com ', PASSWORD);
    expect(answer).toMatchObject({ status: 200, body: { account } });
  });

  test('answers the same for a wrong password, an unknown e-mail and no e-mail at all', async () => {
    await fixture.createAccount('known@example.com');
    const answers = await Promise.all([
      login('known@example.com', 'wrong password'),
      login('unknown@example.com', PASSWORD),
      login('no address', PASSWORD),
      login('', ''),
    ]);
    for (const { status, body } of answers) {
      expect(status).toBe(401);
      expect(body).toEqual({
        error: 'Unauthorized',
        code: 'unauthorized',
        request_id: body['request_id'],
      });
    }
  });

  test('is refused after ten failures at one e-mail, the right password too, then opens again', async () => {
    await fixture.createAccount('target@example.com');
    const tries = Array.from({ length: 12 }, () => login('target@example.com', 'wrong password'));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    const refused = await login('target@example.com', PASSWORD);
    expect(refused).toMatchObject({ status: 429, body: { error: 'Rate limit exceeded' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const before = fixture.clock.now;
    fixture.clock.now = new Date(before.getTime() + 15 * 60_000);
    expect(await login('target@example.com', PASSWORD)).toMatchObject({ status: 200 });
    fixture.clock.now = before;
  });

  test('counts failures only', async () => {
    await fixture.createAccount('often@example.com');
    for (let time = 0; time < 12; time += 1) {
      expect(await login('often@example.com', PASSWORD)).toMatchObject({ status: 200 });
    }
  });
});

describe('the limit of one client address', () => {
  test('holds over all nodes, for login and register together, and by the /64 of IPv6', async () => {
    const limited = await createHttpFixture({ authRateLimitPerMinute: 3 });
    try {
      const other = await limited.createNode();
      const body = { email: 'x@example.com', password: 'wrong password' };
      const statusFrom = async (from: string, node = limited.call) =>
        (await node('POST', 'auth/login', { body, from })).status;
      expect(await statusFrom('203.0.113.7')).toBe(401);
      expect(await statusFrom('::ffff:203.0.113.7', other.call)).toBe(401);
      const registered = await other.call('POST', 'auth/register', {
        body: {},
        from: '203.0.113.7',
      });
      expect(registered.status).toBe(422);
      expect(await statusFrom('203.0.113.7')).toBe(429);
      expect(await statusFrom('203.0.113.8')).toBe(401);
      for (const host of ['1', '2', '3']) expect(await statusFrom(`2001:db8::${host}`)).toBe(401);
      expect(await statusFrom('2001:db8::ffff')).toBe(429);
      expect(await statusFrom('2001:db8:0:1::1')).toBe(401);
    } finally {
      await limited.close();
    }
  });

  test('believes X-Forwarded-For from nobody, but from proxies that are named', async () => {
    const [open, behind] = await Promise.all([
      createHttpFixture({ authRateLimitPerMinute: 1 }),
      createHttpFixture({ authRateLimitPerMinute: 1, trustedProxies: ['loopback'] }),
    ]);
    try {
      const statuses = async (node: HttpFixture) => {
        const results: number[] = [];
        for (const client of ['203.0.113.1', '203.0.113.2']) {
          const headers = { 'x-forwarded-for': client };
          const body = { email: 'x@example.com', password: 'p' };
          results.push((await node.call('POST', 'auth/login', { body, headers })).status);
        }
        return results;
      };
      expect(await statuses(open)).toEqual([401, 429]);
      expect(await statuses(behind)).toEqual([401, 401]);
    } finally {
      await Promise.all([open.close(), behind.close()]);
    }
  });
});

describe('PATCH /auth/me', () => {
  test('changes what is given and nothing else', async () => {
    const { token, account } = await fixture.createAccount();
    const other = await fixture.createAccount();
    const answer = await fixture.call('PATCH', 'auth/me', { token, body: { on_unknown: 'hold' } });
    expect(answer).toMatchObject({
      status: 200,
      body: { account: { ...account, on_unknown: 'hold' } },
    });
    const others = await fixture.call('GET', 'auth/me', { token: other.token });
    expect(others.body['account']).toEqual(other.account);
  });

  test.each<[unknown, string]>([
    [{}, 'Give at least one field to change'],
    [{ on_unknown: 'maybe' }, 'on_unknown must be one of: fail_over, hold, resend'],
    [{ emial: 'new@example.com' }, 'Unknown field: emial; did you mean email?'],
    [{ name: ' ' }, 'Name is required'],
    [[], 'The body must be an object'],
    ['text', 'The body must be an object'],
    [null, 'The body must be an object'],
  ])('refuses %j', async (body, error) => {
    const { token } = await fixture.createAccount();
    const answer = await fixture.call('PATCH', 'auth/me', { token, body });
    expect(answer).toMatchObject({ status: 422, body: { errors: [error] } });
  });
});

describe('a token', () => {
  const statusOf = async (token: string) =>
    (await fixture.call('GET', 'auth/me', { headers: { authorization: token } })).status;

  const sign = (
    over: (jwt: SignJWT) => SignJWT,
    { secret = fixture.jwtSecret, alg = 'HS256', sv = 1 } = {},
  ) =>
    over(
      new SignJWT({ sv })
        .setProtectedHeader({ alg })
        .setIssuer('courierx')
        .setAudience('courierx')
        .setJti(newId())
        .setIssuedAt()
        .setExpirationTime('1h'),
    ).sign(secret);

  test('signed by us for a session that stands is taken; with any one thing wrong it is not', async () => {
    const { account } = await fixture.createAccount();
    const { id } = account;
    expect(await statusOf(`Bearer ${await sign((jwt) => jwt.setSubject(id))}`)).toBe(200);
    const wrong = [
      await sign((jwt) => jwt.setSubject(id), { secret: Buffer.alloc(32, 1) }),
      await sign((jwt) => jwt.setSubject(id).setExpirationTime(fixture.clock.now)),
      await sign((jwt) => jwt.setSubject(id).setIssuer('other')),
      await sign((jwt) => jwt.setSubject(id).setAudience('other')),
      await sign((jwt) => jwt.setSubject('0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a')),
      await sign((jwt) => jwt.setSubject('not an id')),
      await sign((jwt) => jwt.setSubject(id), { alg: 'HS512', secret: Buffer.alloc(64, 1) }),
      await sign((jwt) => jwt.setSubject(id), { sv: 2 }),
      await sign((jwt) => jwt.setSubject(id).setJti('not an id')),
      new UnsecuredJWT({ sv: 1 })
        .setSubject(id)
        .setIssuer('courierx')
        .setAudience('courierx')
        .setExpirationTime('1h')
        .encode(),
    ];
    for (const token of wrong) expect(await statusOf(`Bearer ${token}`)).toBe(401);
  });

  test('of an account whose sessions were ended, or that is gone, is refused', async () => {
    const ended = await fixture.createAccount();
    const gone = await fixture.createAccount();
    const { kysely } = fixture.services.database;
    await kysely
      .updateTable('accounts')
      .set({ sessionVersion: 2 })
      .where('id', '=', ended.account.id)
      .execute();
    await kysely.deleteFrom('accounts').where('id', '=', gone.account.id).execute();
    fixture.authenticator.forget();
    expect(await statusOf(`Bearer ${ended.token}`)).toBe(401);
    expect(await statusOf(`Bearer ${gone.token}`)).toBe(401);
  });

  test('of any other form is refused with the same answer', async () => {
    const { raw_key: key } = await (await fixture.createAccount()).createKey();
    const [header = '', payload = '', signature = ''] = (await fixture.createAccount()).token.split(
      '.',
    );
    const header2 = fc.constantFrom(header, payload, '', 'e30');
    const tokens = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.base64String().map((text) => `cxk_live_${text}`),
      fc.nat({ max: key.length - 1 }).map((at) => key.slice(0, at)),
      fc.nat({ max: key.length - 1 }).map((at) => `${key.slice(0, at)}~${key.slice(at + 1)}`),
      fc.constantFrom(`${key}A`, key.replace('live', 'test'), key.toUpperCase(), 'x'.repeat(9000)),
      fc
        .tuple(header2, header2, fc.constantFrom('', 'AAAA', signature.slice(1)))
        .map((p) => p.join('.')),
    );
    const asHeader = fc.tuple(fc.constantFrom('Bearer ', 'bearer  ', 'Basic ', ''), tokens);
    await fc.assert(
      fc.asyncProperty(asHeader, async ([scheme, token]) => {
        // What Node would not let into a header never comes this far.
        const value = (scheme + token).replace(/[^\t\x20-\x7e]/g, '');
        const answer = await fixture.call('GET', 'auth/me', { headers: { authorization: value } });
        expect(answer.status).toBe(401);
        expect(answer.body['error']).toBe('Unauthorized');
        expect(answer.headers['www-authenticate']).toBe('Bearer');
      }),
      { numRuns: 200 },
    );
  });
});
