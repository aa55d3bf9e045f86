import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { reverifyDue } from '../../src/services/connections/reverify-due.ts';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());
beforeEach(() => {
  for (const provider of [fixture.sendgrid, fixture.smtp]) {
    provider.says('verified', 'Looks good');
    provider.settingsFaults = [];
    provider.asked.length = 0;
  }
});

const API_KEY = 'SG.secret-api-key-0001';
const MISSING = '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a';
const PATH = 'provider_connections';

async function createOwner() {
  const { token, account } = await fixture.createAccount();
  const at = (id: unknown) => `${PATH}/${String(id)}`;
  return {
    token,
    account,
    create: (body: unknown) => fixture.call('POST', PATH, { token, body }),
    connect: async (over = {}) => {
      const body = { provider: 'sendgrid', api_key: API_KEY, ...over };
      const answer = await fixture.call('POST', PATH, { token, body });
      return answer.body as { id: string } & Record<string, unknown>;
    },
    get: (id: unknown) => fixture.call('GET', at(id), { token }),
    list: () => fixture.call('GET', PATH, { token }),
    update: (id: unknown, body: unknown) => fixture.call('PATCH', at(id), { token, body }),
    verify: (id: unknown) => fixture.call('POST', `${at(id)}/verify`, { token }),
    remove: (id: unknown) => fixture.call('DELETE', at(id), { token }),
    /** Stores a mail that waits an hour; tells whether it is due. */
    async waitingMail() {
      const body = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hi' };
      const { body: email } = await fixture.call('POST', 'emails', { token, body });
      const { pool } = fixture.services.database;
      const id = email['id'];
      await pool.query(`update queue set run_at = now() + interval '1 hour' where email_id = $1`, [
        id,
      ]);
      return async () => {
        const { rows } = await pool.query<{ due: boolean }>(
          'select run_at <= now() as due from queue where email_id = $1',
          [id],
        );
        return rows[0]?.due;
      };
    },
  };
}

function storedRow(id: string) {
  const { kysely } = fixture.services.database;
  return kysely
    .selectFrom('connections')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
}

describe('POST /provider_connections', () => {
  test('verifies, stores and shows everything but the credentials', async () => {
    const owner = await createOwner();
    const isDue = await owner.waitingMail();
    const answer = await owner.create({
      provider: 'sendgrid',
      display_name: ' Primary ',
      api_key: API_KEY,
      webhook_secret: 'webhook-secret-value',
      endpoint: 'https://api.eu.sendgrid.com',
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      provider: 'sendgrid',
      display_name: 'Primary',
      priority: 1,
      enabled: true,
      status: 'verified',
      verification: { status: 'verified', message: 'Looks good' },
      credentials_hint: '0001',
      endpoint: 'https://api.eu.sendgrid.com',
      webhook_secret_set: true,
      paused_until: null,
    });
    expect(answer.body['webhook_url']).toMatch(
      /^https:\/\/mail\.example\.com\/api\/v1\/webhooks\/sendgrid\/[\w-]{43}$/,
    );
    const { id } = answer.body;
    for (const { text } of [answer, await owner.get(id), await owner.list()]) {
      expect(text).not.toContain(API_KEY);
      expect(text).not.toContain('webhook-secret-value');
    }
    const row = await storedRow(String(id));
    for (const sealed of [row.secrets, row.webhookSecret]) {
      expect(sealed?.toString('latin1')).not.toMatch(/secret/);
    }
    expect(fixture.sendgrid.asked[0]?.secrets).toEqual({ api_key: API_KEY });
    expect(await isDue()).toBe(true);
  });

  test('takes a title and the next priority where none are given', async () => {
    const owner = await createOwner();
    await owner.connect({ priority: 7 });
    expect(await owner.connect()).toMatchObject({ display_name: 'SendGrid', priority: 8 });
    const sandbox = await owner.create({ provider: 'sandbox' });
    expect(sandbox).toMatchObject({ status: 201, body: { display_name: 'Sandbox', priority: 9 } });
    await owner.connect({ priority: 0 });
    const { list } = await owner.list();
    expect(list.map(({ priority }) => priority)).toEqual([0, 7, 8, 9]);
  });

  test('stores nothing when the provider says no', async () => {
    const owner = await createOwner();
    fixture.sendgrid.says('failed', 'bad key');
    const answer = await owner.create({ provider: 'sendgrid', api_key: API_KEY });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual(['Credentials were refused: bad key']);
    expect((await owner.list()).list).toEqual([]);
  });

  test('stores it unverified when the provider can not be asked, and asks again later', async () => {
    const owner = await createOwner();
    fixture.sendgrid.says('unreachable', 'no route');
    const created = await owner.connect();
    expect(created).toMatchObject({
      status: 'unverified',
      verification: { status: 'unreachable', message: 'no route' },
      verified_at: null,
    });
    const row = await storedRow(created.id);
    expect(Number(row.nextVerificationAt)).toBeGreaterThan(fixture.clock.now.getTime());
  });

  test.each<[Record<string, unknown>, string[]]>([
    [{}, ['Provider is required']],
    [
      { provider: 'gmail' },
      ['Provider must be one of: sendgrid, aws_ses, mailgun, postmark, resend, smtp, sandbox'],
    ],
    [{ provider: 'sendgrid' }, ['api_key is required for sendgrid']],
    [{ provider: 'sendgrid', api_key: '' }, ['api_key is required']],
    [
      { provider: 'sendgrid', apiKey: 'x' },
      ['Unknown field: apiKey; did you mean api_key?', 'api_key is required for sendgrid'],
    ],
    [
      { provider: 'sendgrid', api_key: 'k\r\nX: y', region: 'eu' },
      [
        'region is not used by sendgrid; leave it out',
        'api_key must not contain control characters or line breaks',
      ],
    ],
    [
      { provider: 'smtp', smtp_port: '25', display_name: 'a\nb', priority: -1 },
      [
        'Priority must be at least 0',
        'smtp_port must be a whole number',
        'display_name must be one line of text',
        'smtp_host is required for smtp',
      ],
    ],
    [{ provider: 'sendgrid', api_key: 'k', display_name: '  ' }, ['display_name is required']],
    [
      { provider: 'sendgrid', api_key: 'k', endpoint: 'ftp://x' },
      ['endpoint must be an http or https address'],
    ],
    [
      { provider: 'sendgrid', api_key: 'k', endpoint: 'https://a:b@x.com' },
      ['endpoint must not hold credentials'],
    ],
  ])('refuses %j before it asks anybody', async (body, errors) => {
    const owner = await createOwner();
    const answer = await owner.create(body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual(errors);
    expect(fixture.sendgrid.asked).toEqual([]);
    expect((await owner.list()).list).toEqual([]);
  });

  test("answers the adapter's own faults", async () => {
    fixture.sendgrid.settingsFaults = ['endpoint must be a SendGrid host'];
    const answer = await (await createOwner()).create({ provider: 'sendgrid', api_key: 'k' });
    expect(answer.body['errors']).toEqual(['endpoint must be a SendGrid host']);
  });
});

describe('two hundred connections', () => {
  test('are the most of an account; the provider is not asked about one more', async () => {
    const owner = await createOwner();
    await owner.connect();
    await fixture.services.database.pool.query(
      `insert into connections (account_id, id, provider, display_name, priority, status,
         verification_status, verification_message, settings, webhook_token)
       select account_id, gen_random_uuid(), provider, display_name, priority, status,
              verification_status, verification_message, settings, webhook_token || n
       from connections, generate_series(1, 199) n where account_id = $1`,
      [owner.account.id],
    );
    const { asked } = fixture.sendgrid;
    expect(await owner.create({ provider: 'sendgrid', api_key: API_KEY })).toMatchObject({
      status: 422,
      body: { errors: ['An account can have at most 200 provider connections; delete one first'] },
    });
    expect(asked).toHaveLength(1);
  });
});

describe('PATCH /provider_connections/:id', () => {
  test('of name, priority and switch asks nobody and keeps the version', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    fixture.sendgrid.asked.length = 0;
    const off = await owner.update(id, { display_name: 'B', priority: 5, enabled: false });
    expect(off).toMatchObject({
      status: 200,
      body: { display_name: 'B', priority: 5, enabled: false, credentials_hint: '0001' },
    });
    const isDue = await owner.waitingMail();
    await owner.update(id, { display_name: 'C' });
    expect(await isDue()).toBe(false);
    await owner.update(id, { enabled: true });
    expect(await isDue()).toBe(true);
    expect(fixture.sendgrid.asked).toEqual([]);
    expect(await storedRow(id)).toMatchObject({ version: 1, disabledAt: null });
  });

  test('of credentials verifies the new ones, ends a pause and lets mail go', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect({ endpoint: 'https://a.example.com' });
    const { kysely } = fixture.services.database;
    await kysely
      .updateTable('connections')
      .set({
        pausedUntil: new Date(Date.now() + 3_600_000),
        pauseReason: 'quota',
        status: 'invalid',
      })
      .where('id', '=', id)
      .execute();
    expect((await owner.get(id)).body).toMatchObject({ pause_reason: 'quota', status: 'invalid' });
    const isDue = await owner.waitingMail();
    const answer = await owner.update(id, { api_key: 'SG.another-api-key-0002', endpoint: null });
    expect(answer.body).toMatchObject({
      status: 'verified',
      credentials_hint: '0002',
      endpoint: null,
      paused_until: null,
      pause_reason: null,
    });
    expect(fixture.sendgrid.asked.at(-1)).toMatchObject({
      version: 2,
      settings: {},
      secrets: { api_key: 'SG.another-api-key-0002' },
    });
    expect(await isDue()).toBe(true);
  });

  test('keeps the old credentials when the provider refuses the new ones', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    fixture.sendgrid.says('failed', 'bad key');
    const answer = await owner.update(id, { api_key: 'SG.wrong-api-key-9999', display_name: 'X' });
    expect(answer.status).toBe(422);
    expect((await owner.get(id)).body).toMatchObject({
      credentials_hint: '0001',
      display_name: 'SendGrid',
      status: 'verified',
    });
  });

  test('of different fields at the same time loses none', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    const answers = await Promise.all([
      owner.update(id, { api_key: 'SG.another-api-key-0002' }),
      owner.update(id, { endpoint: 'https://b.example.com' }),
      owner.update(id, { priority: 42 }),
      owner.update(id, { webhook_secret: 'w' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await owner.get(id)).body).toMatchObject({
      credentials_hint: '0002',
      endpoint: 'https://b.example.com',
      priority: 42,
      webhook_secret_set: true,
    });
    expect(fixture.sendgrid.asked.at(-1)).toMatchObject({
      settings: { endpoint: 'https://b.example.com' },
      secrets: { api_key: 'SG.another-api-key-0002' },
    });
  });

  test.each<[unknown, string]>([
    [{}, 'Give at least one field to change'],
    [{ provider: 'smtp' }, 'Unknown field: provider'],
    [{ region: 'eu' }, 'region is not used by sendgrid; leave it out'],
    [{ api_key: null }, 'api_key must be a string'],
    [{ enabled: 'yes' }, 'Enabled must be true or false'],
  ])('refuses %j', async (body, error) => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    expect(await owner.update(id, body)).toMatchObject({ status: 422, body: { errors: [error] } });
  });
});

describe('POST /provider_connections/:id/verify', () => {
  test('keeps what the provider says; a yes makes a refused one usable and lets mail go', async () => {
    const owner = await createOwner();
    const { id } = await owner.connect();
    fixture.sendgrid.says('failed', 'key revoked');
    expect(await owner.verify(id)).toMatchObject({
      status: 200,
      body: { verification: { status: 'failed', message: 'key revoked' } },
    });
    expect((await owner.get(id)).body).toMatchObject({ status: 'invalid' });
    const isDue = await owner.waitingMail();
    fixture.sendgrid.says('unreachable', 'no route');
    expect((await owner.verify(id)).body).toMatchObject({
      verification: { status: 'unreachable' },
    });
    expect((await owner.get(id)).body).toMatchObject({ status: 'invalid' });
    expect(await isDue()).toBe(false);
    fixture.sendgrid.says('verified', 'fine');
    expect((await owner.verify(id)).body).toEqual({
      verification: { status: 'verified', message: 'fine' },
    });
    expect((await owner.get(id)).body).toMatchObject({ status: 'verified' });
    expect(await isDue()).toBe(true);
  });
});

describe('housekeeping', () => {
  test('asks again what is due, once over all nodes, and keeps the verdicts', async () => {
    const owner = await createOwner();
    fixture.sendgrid.says('unreachable');
    const ids = [
      (await owner.connect()).id,
      (await owner.connect()).id,
      (await owner.connect()).id,
    ];
    const before = fixture.clock.now;
    expect(await reverifyDue(fixture.services)).toBe(0);
    fixture.clock.now = new Date(before.getTime() + 3_600_000);
    await owner.update(ids[2], { enabled: false });
    fixture.sendgrid.asked.length = 0;
    fixture.sendgrid.verification = ({ id }) =>
      Promise.resolve({ status: id === ids[0] ? 'verified' : 'failed', message: 'answered' });
    const node = await fixture.createNode();
    await Promise.all([reverifyDue(fixture.services), reverifyDue(node.services)]);
    const asked = fixture.sendgrid.asked.map(({ id }) => id).filter((id) => ids.includes(id));
    expect(asked.sort()).toEqual(ids.slice(0, 2).sort());
    expect((await owner.get(ids[0])).body).toMatchObject({ status: 'verified' });
    expect((await owner.get(ids[1])).body).toMatchObject({ status: 'invalid' });
    expect((await owner.get(ids[2])).body).toMatchObject({ status: 'unverified' });
    fixture.clock.now = before;
  });
});

describe('one account', () => {
  test("never sees, changes, asks for or deletes another's connection", async () => {
    const [owner, stranger] = [await createOwner(), await createOwner()];
    const { id } = await owner.connect();
    const before = await storedRow(id);
    fixture.sendgrid.asked.length = 0;
    for (const wrong of [id, MISSING, 'none', '%00']) {
      const answers = await Promise.all([
        stranger.get(wrong),
        stranger.update(wrong, { display_name: 'Mine' }),
        stranger.update(wrong, { api_key: 'SG.stolen-api-key-6666' }),
        stranger.verify(wrong),
        stranger.remove(wrong),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    }
    expect((await stranger.list()).list).toEqual([]);
    expect(fixture.sendgrid.asked).toEqual([]);
    expect(await storedRow(id)).toEqual(before);
  });
});

test('DELETE takes the connection, its sockets and its webhook URL away, and wakes what waits', async () => {
  const owner = await createOwner();
  const { id } = await owner.connect();
  const isDue = await owner.waitingMail();
  expect((await owner.remove(id)).status).toBe(204);
  expect((await owner.get(id)).status).toBe(404);
  expect((await owner.remove(id)).status).toBe(404);
  expect(fixture.sendgrid.closed).toContain(id);
  expect(await isDue()).toBe(true);
});
