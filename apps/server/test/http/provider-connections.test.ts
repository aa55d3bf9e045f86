import { ProviderConnection, VerificationAnswer } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { expectShape } from '../support/expect-shape.ts';

let api: ApiFixture;
let me: SignedUp;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(async () => {
  api.sendgrid.onVerify = () => ({ status: 'verified', message: 'Key is good' });
  api.sendgrid.onCheckSettings = () => [];
  me = await api.signUp();
});

const PATH = '/provider_connections';
const KEY = 'SG.very-secret-key-7f3a';
const SENDGRID = { provider: 'sendgrid', api_key: KEY };

async function connect(over: Record<string, unknown> = {}): Promise<ProviderConnection> {
  const answer = await me.post<ProviderConnection>(PATH, { ...SENDGRID, ...over });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

async function list(): Promise<ProviderConnection[]> {
  return (await me.get<ProviderConnection[]>(PATH)).body;
}

async function stored(): Promise<string> {
  const { rows } = await api.database.pool.query(
    `select c::text, encode(secrets, 'escape') s, encode(webhook_secret, 'escape') w
     from connections c where account_id = $1`,
    [me.accountId],
  );
  return JSON.stringify(rows);
}

describe('POST /provider_connections', () => {
  it('verifies the credentials and shows none of them', async () => {
    const answer = await me.post<ProviderConnection>(PATH, {
      ...SENDGRID,
      region: 'eu',
      endpoint: 'https://api.eu.sendgrid.com',
      webhook_secret: 'whsec_very-secret',
    });
    expect(answer.status).toBe(201);
    expectShape(ProviderConnection, answer.body);
    expect(answer.body).toMatchObject({
      provider: 'sendgrid',
      display_name: 'SendGrid',
      priority: 1,
      enabled: true,
      status: 'verified',
      verification: { status: 'verified', message: 'Key is good' },
      credentials_hint: '7f3a',
      region: 'eu',
      endpoint: 'https://api.eu.sendgrid.com',
      webhook_secret_set: true,
      paused_until: null,
    });
    expect(api.sendgrid.verified.at(-1)).toMatchObject({ secrets: { api_key: KEY } });
    const everything = [answer.text, JSON.stringify(await list()), await stored()].join('');
    for (const secret of [KEY, 'very-secret', 'whsec_']) {
      expect(everything + api.log.text()).not.toContain(secret);
    }
    const one = await me.get<ProviderConnection>(`${PATH}/${answer.body.id}`);
    expect(one.body).toEqual(answer.body);
    expect(one.text).not.toContain('very-secret');
  });

  it.each([
    [{}, ['Provider is required']],
    [
      { provider: 'gmail' },
      ['Provider must be one of: sendgrid, aws_ses, mailgun, postmark, resend, smtp, sandbox'],
    ],
    [{ provider: 'mailgun', api_key: 'x' }, ['provider mailgun is not available in this version']],
    [{ provider: 'sendgrid' }, ['api_key is required for sendgrid']],
    [
      { provider: 'sendgrid', smtp_host: 'a.b', smtp_port: 1 },
      [
        'api_key is required for sendgrid',
        'smtp_host is not used by sendgrid; leave it out',
        'smtp_port is not used by sendgrid; leave it out',
      ],
    ],
    [{ ...SENDGRID, apikey: 'x' }, ['Unknown field: apikey; did you mean api_key?']],
    [{ ...SENDGRID, displayName: 'x' }, ['Unknown field: displayName; did you mean display_name?']],
    [
      { ...SENDGRID, api_key: 'a\nb' },
      ['api_key must not contain control characters or line breaks'],
    ],
    [{ ...SENDGRID, display_name: ' ' }, ['display_name must be one line of text']],
    [{ ...SENDGRID, display_name: 'a\rb' }, ['display_name must be one line of text']],
    [{ ...SENDGRID, priority: -1 }, ['Priority must be at least 0']],
    [{ ...SENDGRID, priority: 1.5 }, ['Priority must be a whole number']],
    [{ ...SENDGRID, priority: 1e15 }, ['Priority must be at most 1000000']],
    [{ ...SENDGRID, enabled: 'yes' }, ['Enabled must be true or false']],
    [{ ...SENDGRID, endpoint: 'ftp://a.b' }, ['endpoint must be an http or https address']],
    [{ ...SENDGRID, endpoint: 'https://u:p@a.b' }, ['endpoint must not hold credentials']],
    [
      { provider: 'smtp', smtp_host: 'a.b', smtp_port: 70_000, smtp_tls: 'x' },
      ['smtp_port must be at most 65535', 'smtp_tls must be one of: starttls, implicit, none'],
    ],
  ])('refuses %j', async (body, faults) => {
    expect(faultsOf(await me.post(PATH, body))).toEqual(faults);
    expect(await list()).toEqual([]);
  });

  it('refuses a number without end', async () => {
    const payload = '{"provider":"sendgrid","api_key":"x","priority":1e400}';
    const answer = await me.call('POST', PATH, { payload });
    expect(faultsOf(answer)).toEqual(['priority is too large a number']);
  });

  it('shows the faults that the adapter finds', async () => {
    api.sendgrid.onCheckSettings = (settings) => [`region ${settings.region ?? ''} is unknown`];
    const answer = await me.post(PATH, { ...SENDGRID, region: 'mars' });
    expect(faultsOf(answer)).toEqual(['region mars is unknown']);
  });

  it('stores nothing when the provider refuses the credentials', async () => {
    api.sendgrid.onVerify = () => ({ status: 'failed', message: 'The key was revoked' });
    expect(faultsOf(await me.post(PATH, SENDGRID))).toEqual([
      'Credentials were refused: The key was revoked',
    ]);
    expect(await list()).toEqual([]);
  });

  it('stores an unverified connection when the provider can not be reached', async () => {
    api.sendgrid.onVerify = () => ({ status: 'unreachable', message: 'No answer' });
    expect(await connect()).toMatchObject({
      status: 'unverified',
      enabled: true,
      verification: { status: 'unreachable', message: 'No answer' },
      verified_at: null,
    });
  });

  it('puts each next connection behind the last, unless it is told where', async () => {
    await connect({ display_name: 'first' });
    await connect({ display_name: 'tenth', priority: 10 });
    await connect({ display_name: 'last' });
    await connect({ display_name: 'front', priority: 0 });
    const order = (await list()).map((each) => [each.display_name, each.priority]);
    expect(order).toEqual([
      ['front', 0],
      ['first', 1],
      ['tenth', 10],
      ['last', 11],
    ]);
    const page = await me.get<ProviderConnection[]>(`${PATH}?per_page=3&page=2`);
    expect(page.body.map((each) => each.display_name)).toEqual(['last']);
    expect(page.headers).toMatchObject({ 'x-total-count': '4', 'x-page': '2' });
  });

  it('takes one that is not to be used yet', async () => {
    expect((await connect({ enabled: false })).enabled).toBe(false);
  });

  it('shows no hint of a short key', async () => {
    expect((await connect({ api_key: 'short' })).credentials_hint).toBeNull();
  });

  it('tells the address for events from the Host, or from the setting', async () => {
    const answer = await me.post<ProviderConnection>(PATH, SENDGRID, {
      headers: { host: 'mail.example.org:8443' },
    });
    expect(answer.body.webhook_url).toMatch(
      /^http:\/\/mail\.example\.org:8443\/api\/v1\/webhooks\/sendgrid\/[\w-]{43}$/,
    );
    const behindProxy = await createApiFixture({ publicUrl: 'https://cx.example.com/mail' });
    try {
      const other = await behindProxy.signUp();
      const { body } = await other.post<ProviderConnection>(PATH, SENDGRID);
      expect(body.webhook_url).toMatch(/^https:\/\/cx\.example\.com\/mail\/api\/v1\/webhooks\//);
    } finally {
      await behindProxy.close();
    }
  });
});

describe('PATCH /provider_connections/:id', () => {
  it('changes what is given and keeps the rest, without asking the provider', async () => {
    const { id } = await connect({ region: 'eu' });
    const asked = api.sendgrid.verified.length;
    const answer = await me.patch<ProviderConnection>(`${PATH}/${id}`, {
      display_name: ' Main ',
      priority: 7,
      webhook_secret: 'whsec_x',
    });
    expect(answer.status).toBe(200);
    expectShape(ProviderConnection, answer.body);
    expect(answer.body).toMatchObject({
      ...{ display_name: 'Main', priority: 7, region: 'eu', status: 'verified' },
      webhook_secret_set: true,
    });
    expect(api.sendgrid.verified).toHaveLength(asked);
    const cleared = await me.patch<ProviderConnection>(`${PATH}/${id}`, { webhook_secret: null });
    expect(cleared.body).toMatchObject({ webhook_secret_set: false, display_name: 'Main' });
  });

  it('switches off and on again', async () => {
    const { id } = await connect();
    for (const enabled of [false, false, true]) {
      const { body } = await me.patch<ProviderConnection>(`${PATH}/${id}`, { enabled });
      expect(body.enabled).toBe(enabled);
    }
  });

  it('verifies new credentials together with the kept ones', async () => {
    const { id } = await connect({ region: 'eu', endpoint: 'https://a.example' });
    const rotated = 'SG.another-secret-91bc';
    const answer = await me.patch<ProviderConnection>(`${PATH}/${id}`, {
      api_key: rotated,
      endpoint: null,
    });
    expect(answer.body).toMatchObject({ credentials_hint: '91bc', region: 'eu', endpoint: null });
    expect(api.sendgrid.verified.at(-1)).toMatchObject({
      settings: { region: 'eu' },
      secrets: { api_key: rotated },
      version: 2,
    });
    const everything = answer.text + (await stored()) + api.log.text();
    expect(everything).not.toContain('another-secret');
    expect(everything).not.toContain(KEY);
  });

  it('keeps the old credentials when the new ones are refused', async () => {
    const made = await connect();
    api.sendgrid.onVerify = () => ({ status: 'failed', message: 'no' });
    const answer = await me.patch(`${PATH}/${made.id}`, { api_key: 'SG.bad', display_name: 'x' });
    expect(faultsOf(answer)).toEqual(['Credentials were refused: no']);
    expect(await list()).toEqual([made]);
    await me.post(`${PATH}/${made.id}/verify`);
    expect(api.sendgrid.verified.at(-1)).toMatchObject({ secrets: { api_key: KEY } });
  });

  it('stores new credentials as unverified when nobody answers', async () => {
    const { id } = await connect();
    api.sendgrid.onVerify = () => ({ status: 'unreachable', message: 'No answer' });
    const { body } = await me.patch<ProviderConnection>(`${PATH}/${id}`, { api_key: 'SG.new-one' });
    expect(body).toMatchObject({ status: 'unverified', verification: { status: 'unreachable' } });
  });

  it.each([
    [{}, ['Give at least one field to change']],
    [{ provider: 'smtp' }, ['Unknown field: provider']],
    [{ display_name: '' }, ['display_name is required']],
    [{ display_name: ' \t' }, ['display_name must be one line of text']],
    [{ smtp_host: 'a.b' }, ['smtp_host is not used by sendgrid; leave it out']],
    [{ api_key: null }, ['api_key must be a string']],
    [{ endpoint: 5 }, ['Endpoint must be a string']],
  ])('refuses %j', async (body, faults) => {
    const made = await connect();
    expect(faultsOf(await me.patch(`${PATH}/${made.id}`, body))).toEqual(faults);
    expect(await list()).toEqual([made]);
  });

  it('of two at once keeps what each changes', async () => {
    const { id } = await connect();
    const changes = [
      { display_name: 'Main' },
      { priority: 42 },
      { enabled: false },
      { webhook_secret: 'whsec_1' },
      { api_key: 'SG.rotated-secret-0abc' },
    ];
    const answers = await Promise.all(changes.map((body) => me.patch(`${PATH}/${id}`, body)));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(await list()).toMatchObject([
      {
        display_name: 'Main',
        priority: 42,
        enabled: false,
        webhook_secret_set: true,
        credentials_hint: '0abc',
      },
    ]);
  });

  it('lets one of two rotations at once win whole', async () => {
    const { id } = await connect();
    const answers = await Promise.all(
      ['eu', 'us'].map((region) =>
        me.patch(`${PATH}/${id}`, { region, api_key: `SG.rotated-for-${region}` }),
      ),
    );
    const codes = answers.map((answer) => answer.status).sort();
    expect([
      [200, 200],
      [200, 409],
    ]).toContainEqual(codes);
    const [kept] = await list();
    expect(`SG.rotated-for-${kept?.region ?? ''}`).toContain(kept?.credentials_hint);
  });
});

describe('POST /provider_connections/:id/verify', () => {
  async function verify(id: string) {
    const answer = await me.call<VerificationAnswer>('POST', `${PATH}/${id}/verify`, {
      payload: '',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status, answer.text).toBe(200);
    expectShape(VerificationAnswer, answer.body);
    return answer.body.verification;
  }

  it('keeps the verdict, and a yes makes a refused connection usable again', async () => {
    const { id } = await connect();
    api.sendgrid.onVerify = () => ({ status: 'failed', message: 'Revoked' });
    expect(await verify(id)).toEqual({ status: 'failed', message: 'Revoked' });
    expect(await list()).toMatchObject([
      { status: 'invalid', verification: { message: 'Revoked' } },
    ]);
    api.sendgrid.onVerify = () => ({ status: 'unreachable', message: 'Away' });
    expect(await verify(id)).toEqual({ status: 'unreachable', message: 'Away' });
    expect(await list()).toMatchObject([{ status: 'invalid' }]);
    api.sendgrid.onVerify = () => ({ status: 'verified', message: 'Good' });
    expect(await verify(id)).toEqual({ status: 'verified', message: 'Good' });
    expect(await list()).toMatchObject([
      { status: 'verified', verification: { status: 'verified' } },
    ]);
  });

  it('asks with the stored credentials, opened', async () => {
    const { id } = await connect({ region: 'eu' });
    await verify(id);
    expect(api.sendgrid.verified.at(-1)).toMatchObject({
      id,
      settings: { region: 'eu' },
      secrets: { api_key: KEY },
    });
  });

  it('says nothing of credentials that were rotated meanwhile', async () => {
    const { id } = await connect();
    api.sendgrid.onVerify = async (connection) => {
      if (connection.secrets.api_key !== KEY) return { status: 'verified', message: 'new' };
      await me.patch(`${PATH}/${id}`, { api_key: 'SG.rotated-meanwhile' });
      return { status: 'failed', message: 'old' };
    };
    expect(await verify(id)).toEqual({ status: 'failed', message: 'old' });
    expect(await list()).toMatchObject([{ status: 'verified', verification: { message: 'new' } }]);
  });
});

describe('DELETE /provider_connections/:id', () => {
  it('takes the connection and its secrets away', async () => {
    const { id } = await connect();
    const headers = { 'content-type': 'application/json' };
    const answer = await me.delete(`${PATH}/${id}`, { headers });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await stored()).toBe('[]');
    for (const again of [await me.delete(`${PATH}/${id}`), await me.get(`${PATH}/${id}`)]) {
      expect(again.status).toBe(404);
    }
    expect((await me.post(`${PATH}/${id}/verify`)).status).toBe(404);
    expect((await me.patch(`${PATH}/${id}`, { priority: 1 })).status).toBe(404);
  });
});
