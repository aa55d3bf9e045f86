import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiCaller, errorOf } from '../support/api-caller.ts';
import { createApiFixture, PASSWORD, type ApiFixture } from '../support/api-fixture.ts';

const MARK = { 'x-courierx-csrf': '1' };

let fixture: ApiFixture;
beforeAll(async () => {
  fixture = await createApiFixture();
});
afterAll(() => fixture.close());

/** Logs in as a page of the server would; answers the Set-Cookie header and the cookie itself. */
async function logIn(of: ApiFixture, email: string, password = PASSWORD) {
  const answer = await of.anyone.post('/auth/session', { email, password }, { headers: MARK });
  expect(answer.status, answer.text).toBe(200);
  const setCookie = setCookieOf(answer.headers);
  const [cookie = ''] = setCookie.split(';');
  return { answer, setCookie, cookie };
}

/** One Set-Cookie comes as a text or as a list of one. */
function setCookieOf(headers: Readonly<Record<string, unknown>>): string {
  const [first] = [headers['set-cookie']].flat();
  return typeof first === 'string' ? first : '';
}

const as = (cookie: string, over: Record<string, string> = {}) => ({
  headers: { cookie, ...over },
});
const rename = (cookie: string, over: Record<string, string> = {}) =>
  fixture.anyone.patch('/auth/me', { name: 'Renamed' }, as(cookie, over));

describe('logging a browser in', () => {
  it('answers the account and keeps the token where no script and no other site reaches it', async () => {
    const { email, accountId } = await fixture.signUp();

    const { answer, setCookie } = await logIn(fixture, email);

    expect(answer.body).toEqual({ account: expect.objectContaining({ id: accountId }) as unknown });
    expect(setCookie).toMatch(/^courierx_session=[^;]+;/);
    const flags = setCookie.split('; ').slice(1).toSorted();
    expect(flags).toEqual(['HttpOnly', 'Max-Age=86400', 'Path=/', 'SameSite=Strict']);
    const [, token = ''] = /courierx_session=([^;]+)/.exec(setCookie) ?? [];
    expect(answer.text).not.toContain(token);
    expect(fixture.log.text()).not.toContain(token);
  });

  it('is Secure and bound to the one host where the public URL is https', async () => {
    const secure = await createApiFixture({ publicUrl: 'https://mail.example.com' });
    try {
      const { email } = await secure.signUp();
      const { setCookie, cookie } = await logIn(secure, email);
      expect(setCookie).toMatch(/^__Host-courierx_session=[^;]+;/);
      expect(setCookie.split('; ')).toEqual(expect.arrayContaining(['Secure', 'Path=/']));
      expect(setCookie).not.toMatch(/domain/i);
      const { status } = await secure.anyone.get('/auth/session', as(cookie));
      expect(status).toBe(200);
      // A name that any host of the domain could set is not read.
      const tossed = cookie.replace('__Host-', '');
      expect((await secure.anyone.get('/auth/session', as(tossed))).status).toBe(401);
      const origin = { origin: 'https://mail.example.com', ...MARK };
      const renamed = await secure.anyone.patch('/auth/me', { name: 'B' }, as(cookie, origin));
      expect(renamed.status).toBe(200);
    } finally {
      await secure.close();
    }
  });

  it('answers 401 without a cookie for a wrong password', async () => {
    const { email } = await fixture.signUp();
    const body = { email, password: 'wrong password' };
    const answer = await fixture.anyone.post('/auth/session', body, { headers: MARK });
    expect(answer.status).toBe(401);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });

  it('counts against the same limit as log-in', async () => {
    const limited = await createApiFixture({ authRateLimitPerMinute: 2 });
    try {
      const body = { email: 'x@example.com', password: 'wrong password' };
      const tryIt = (path: string) => limited.anyone.post(path, body, { headers: MARK });
      expect((await tryIt('/auth/login')).status).toBe(401);
      expect((await tryIt('/auth/session')).status).toBe(401);
      expect((await tryIt('/auth/session')).status).toBe(429);
    } finally {
      await limited.close();
    }
  });

  it.each<[string, Record<string, string>]>([
    ['without the header', {}],
    ['from another site', { ...MARK, 'sec-fetch-site': 'cross-site' }],
    ['from another origin', { ...MARK, origin: 'https://evil.example' }],
  ])('is refused %s', async (_what, headers) => {
    const { email } = await fixture.signUp();
    const body = { email, password: PASSWORD };
    const answer = await fixture.anyone.post('/auth/session', body, { headers });
    expect(answer.status).toBe(403);
    expect(answer.headers).not.toHaveProperty('set-cookie');
  });
});

describe('a session cookie', () => {
  it('opens every route that a token opens', async () => {
    const { email, accountId } = await fixture.signUp();
    const { cookie } = await logIn(fixture, email);
    for (const path of ['/auth/session', '/auth/me']) {
      const answer = await fixture.anyone.get<{ account: { id: string } }>(path, as(cookie));
      expect(answer).toMatchObject({ status: 200, body: { account: { id: accountId } } });
    }
    expect((await fixture.anyone.get('/emails', as(cookie))).status).toBe(200);
    expect((await rename(cookie, MARK)).status).toBe(200);
  });

  it.each<[string, Record<string, string>]>([
    ['of its own origin', { ...MARK, origin: 'http://localhost:80' }],
    ['that a person started', { ...MARK, 'sec-fetch-site': 'none' }],
    ['of the same origin by Sec-Fetch-Site', { ...MARK, 'sec-fetch-site': 'same-origin' }],
  ])('changes things in a request %s', async (_what, headers) => {
    const { email } = await fixture.signUp();
    const { cookie } = await logIn(fixture, email);
    const host = headers['origin']?.replace('http://', '') ?? 'localhost:80';
    const answer = await rename(cookie, { host, ...headers });
    expect(answer.status, answer.text).toBe(200);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['without the header', {}, /X-CourierX-CSRF: 1/],
    ['with another value of it', { 'x-courierx-csrf': 'true' }, /X-CourierX-CSRF: 1/],
    ['of another site', { ...MARK, 'sec-fetch-site': 'cross-site' }, /another site/],
    ['of a sibling host', { ...MARK, 'sec-fetch-site': 'same-site' }, /another site/],
    ['of another origin', { ...MARK, origin: 'https://evil.example' }, /another origin/],
    ['of the same host, another port', { ...MARK, origin: 'http://localhost:81' }, /origin/],
    ['of a sandboxed page', { ...MARK, origin: 'null' }, /another origin/],
  ])('changes nothing in a request %s', async (_what, headers, error) => {
    const { email } = await fixture.signUp();
    const { cookie } = await logIn(fixture, email);
    const answer = await rename(cookie, headers);
    expect(answer.status).toBe(403);
    expect(errorOf(answer)).toMatch(error);
    const me = await fixture.anyone.get<{ account: { name: string } }>('/auth/me', as(cookie));
    expect(me.body.account.name).not.toBe('Renamed');
  });

  it('is not looked at where a token is given, whose role then holds', async () => {
    const owner = await fixture.signUp();
    const { cookie } = await logIn(fixture, owner.email);
    const { body: key } = await owner.post<{ raw_key: string }>('/api_keys', {
      name: 'Reader',
      role: 'read',
    });
    const reader = new ApiCaller(fixture.app, key.raw_key);
    expect((await reader.get('/emails', as(cookie))).status).toBe(200);
    const refused = await reader.post('/api_keys', { name: 'More' }, as(cookie, MARK));
    expect(errorOf(refused)).toMatch(/role "read"/);
    const nobody = new ApiCaller(fixture.app, 'wrong');
    expect((await nobody.get('/emails', as(cookie))).status).toBe(401);
  });

  it('never asks the header of a token', async () => {
    const owner = await fixture.signUp();
    const headers = { origin: 'https://app.example', 'sec-fetch-site': 'cross-site' };
    expect((await owner.patch('/auth/me', { name: 'By token' }, { headers })).status).toBe(200);
  });

  it('that is forged, of an API key, or none at all is refused', async () => {
    const owner = await fixture.signUp();
    const { body: key } = await owner.post<{ raw_key: string }>('/api_keys', { name: 'Key' });
    const forged = await new SignJWT({ sv: 1 })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer('courierx')
      .setAudience('courierx')
      .setSubject(owner.accountId)
      .setExpirationTime('1h')
      .sign(Buffer.alloc(32));
    for (const value of [forged, key.raw_key, '', 'x'.repeat(5_000)]) {
      const answer = await fixture.anyone.get('/auth/session', as(`courierx_session=${value}`));
      expect(answer.status).toBe(401);
    }
  });

  it('ends after 24 hours', async () => {
    const { email } = await fixture.signUp();
    const { cookie } = await logIn(fixture, email);
    try {
      fixture.clock.advance(23 * 3_600_000);
      expect((await fixture.anyone.get('/auth/session', as(cookie))).status).toBe(200);
      fixture.clock.advance(3_600_001);
      expect((await fixture.anyone.get('/auth/session', as(cookie))).status).toBe(401);
    } finally {
      fixture.clock.advance(-24 * 3_600_000 - 1);
    }
  });

  it('ends with a new password, but for the browser that set it, whose next token stays unseen', async () => {
    const { email } = await fixture.signUp();
    const [here, elsewhere] = [await logIn(fixture, email), await logIn(fixture, email)];
    const password = 'another horse battery';
    const change = { current_password: PASSWORD, password, password_confirmation: password };

    const changed = await fixture.anyone.patch('/auth/me', change, as(here.cookie, MARK));

    expect(changed.status, changed.text).toBe(200);
    expect(changed.body).not.toHaveProperty('token');
    const [next = ''] = setCookieOf(changed.headers).split(';');
    expect((await fixture.anyone.get('/auth/session', as(next))).status).toBe(200);
    for (const { cookie } of [here, elsewhere]) {
      expect((await fixture.anyone.get('/auth/session', as(cookie))).status).toBe(401);
    }
  });
});

describe('logging a browser out', () => {
  it('clears the cookie, whether it is still good or not', async () => {
    const { email } = await fixture.signUp();
    const { cookie } = await logIn(fixture, email);
    for (const sent of [cookie, 'courierx_session=old', '']) {
      const answer = await fixture.anyone.delete('/auth/session', as(sent, MARK));
      expect(answer.status).toBe(204);
      expect(setCookieOf(answer.headers)).toMatch(
        /^courierx_session=; .*Expires=Thu, 01 Jan 1970/i,
      );
    }
  });

  it('ends that session alone, also for whoever copied its token', async () => {
    const { email } = await fixture.signUp();
    const [ended, other] = [await logIn(fixture, email), await logIn(fixture, email)];
    const token = ended.cookie.replace('courierx_session=', '');
    const bearer = { headers: { authorization: `Bearer ${token}` } };
    expect((await fixture.anyone.get('/auth/me', bearer)).status).toBe(200);

    await fixture.anyone.delete('/auth/session', as(ended.cookie, MARK));

    expect((await fixture.anyone.get('/auth/session', as(ended.cookie))).status).toBe(401);
    expect((await fixture.anyone.get('/auth/me', bearer)).status).toBe(401);
    expect((await fixture.anyone.get('/auth/session', as(other.cookie))).status).toBe(200);
    // Once more, as from a second tab.
    const again = await fixture.anyone.delete('/auth/session', as(ended.cookie, MARK));
    expect(again.status).toBe(204);
  });

  it('is refused to another site', async () => {
    expect((await fixture.anyone.delete('/auth/session')).status).toBe(403);
    const headers = { ...MARK, origin: 'https://evil.example' };
    expect((await fixture.anyone.delete('/auth/session', { headers })).status).toBe(403);
  });
});
