import type { WebhookDeliveryDetail } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());

const URL_OF = 'https://yourapp.example.com/webhooks/email';

async function createOwner() {
  const { token, account } = await fixture.createAccount();
  const call = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path = '', body?: unknown) =>
    fixture.call(method, `webhook_endpoints${path}`, {
      token,
      ...(body !== undefined && { body }),
    });
  const create = async (over: Record<string, unknown> = {}) => {
    const { body } = await call('POST', '', { url: URL_OF, ...over });
    return body as { id: string; secret: string };
  };
  return { account, call, create };
}

/** An event of an email, as the mail engine writes it. */
async function addEvent(accountId: string, type: string) {
  await fixture.services.database.pool.query(
    `insert into email_events (account_id, email_id, id, type, recipient, provider, occurred_at)
     values ($1, gen_random_uuid(), gen_random_uuid(), $2, 'user@example.com', 'smtp', now())`,
    [accountId, type],
  );
}

async function addAccountEvent(accountId: string, type: string) {
  await fixture.services.database.pool.query(
    `insert into account_events (account_id, id, type, data)
     values ($1, gen_random_uuid(), $2, '{"connection_id":"x"}')`,
    [accountId, type],
  );
}

describe('webhook endpoints', () => {
  test('are made with a secret that is shown once', async () => {
    const { call } = await createOwner();
    const events = ['delivered', 'bounced', 'delivered'];
    const made = await call('POST', '', { url: URL_OF, description: 'Events', events });
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ url: URL_OF, description: 'Events', events: ['delivered', 'bounced'], enabled: true },
        secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/) as string,
      },
    });
    const { secret, ...shown } = made.body;
    const path = `/${String(shown['id'])}`;
    expect((await call('GET', path)).body).toEqual(shown);
    expect((await call('GET')).list).toEqual([shown]);
    const changed = await call('PATCH', path, { description: null });
    expect(changed.body).toMatchObject({
      ...shown,
      description: null,
      updated_at: expect.any(String) as string,
    });
    expect(changed.text).not.toContain('secret"');
    expect(fixture.logLines.join('')).not.toContain(secret);
  });

  test('change and go', async () => {
    const { call, create } = await createOwner();
    const { id } = await create();
    const url = 'http://other.example.com:8080/x?y=1';
    expect((await call('PATCH', `/${id}`, { url, events: ['opened'] })).body).toMatchObject({
      ...{ url, events: ['opened'], enabled: true },
    });
    expect((await call('PATCH', `/${id}`, { enabled: false })).body).toMatchObject({
      ...{ enabled: false, disabled_reason: 'request' },
    });
    expect((await call('PATCH', `/${id}`, { enabled: true })).body).toMatchObject({
      ...{ enabled: true, disabled_reason: null },
    });
    expect((await call('DELETE', `/${id}`)).status).toBe(204);
    expect((await call('GET', `/${id}`)).status).toBe(404);
    expect((await call('DELETE', `/${id}`)).status).toBe(404);
  });

  const inside = ['url must not lead into a private network'];
  test.each<[unknown, string[] | RegExp]>([
    [{}, ['Url is required']],
    [{ url: 'yourapp.com/hook' }, ['url must be an http or https address']],
    [{ url: 'ftp://yourapp.com' }, ['url must be an http or https address']],
    [{ url: 'https://user:pass@yourapp.com' }, ['url must not hold credentials']],
    [{ url: 'http://127.0.0.1/x' }, inside],
    [{ url: 'http://2130706433/x' }, inside],
    [{ url: 'http://[::ffff:10.0.0.1]/x' }, inside],
    [{ url: 'http://169.254.169.254/latest' }, inside],
    [{ url: 'http://localhost:3000/x' }, inside],
    [
      { url: URL_OF, events: ['exploded'] },
      /^events: "exploded" is not an event; known: delivered,/,
    ],
    [{ url: 'x', events: ['y'], colour: 1 }, /Unknown field: colour.*url must.*events: "y"/],
    [{ url: URL_OF, events: 'delivered' }, /Events must be/],
  ])('%j is refused', async (body, errors) => {
    const { call } = await createOwner();
    const answer = await call('POST', '', body);
    expect(answer.status).toBe(422);
    const found = answer.body['errors'] as string[];
    if (errors instanceof RegExp) expect(found.join(' ')).toMatch(errors);
    else expect(found).toEqual(errors);
    expect((await call('GET')).list).toEqual([]);
  });

  test('a change is checked as well', async () => {
    const { call, create } = await createOwner();
    const { id } = await create();
    const answer = await call('PATCH', `/${id}`, { url: 'http://10.0.0.1', events: ['x'] });
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toHaveLength(2);
  });

  test('a rotation shows a new secret, once', async () => {
    const { call, create } = await createOwner();
    const { id, secret } = await create();
    const rotated = await call('POST', `/${id}/rotate_secret`);
    expect(rotated.status).toBe(200);
    expect(rotated.body['secret']).toMatch(/^whsec_/);
    expect(rotated.body['secret']).not.toBe(secret);
    expect(rotated.body['old_secret_until']).toEqual(expect.any(String));
    expect((await call('GET', `/${id}`)).body).not.toHaveProperty('secret');
  });

  test('keys that only read see them and change nothing', async () => {
    const { token, createKey } = await fixture.createAccount();
    const body = { url: URL_OF };
    const { id } = (await fixture.call('POST', 'webhook_endpoints', { token, body })).body;
    const key = (await createKey({ role: 'read' })).raw_key;
    const path = `webhook_endpoints/${String(id)}`;
    expect((await fixture.call('GET', path, { token: key })).status).toBe(200);
    for (const verb of ['rotate_secret', 'test']) {
      const answer = await fixture.call('POST', `${path}/${verb}`, { token: key, body: {} });
      expect(answer.status).toBe(403);
    }
  });
});

describe('deliveries', () => {
  test('empty events are every email event; account events only where named', async () => {
    const { account, call, create } = await createOwner();
    const all = await create();
    const some = await create({ events: ['bounced', 'connection.degraded'] });
    const stranger = await createOwner();
    const theirs = await stranger.create();
    for (const type of ['delivered', 'bounced', 'queued']) await addEvent(account.id, type);
    await addAccountEvent(account.id, 'connection.degraded');
    const eventsOf = async (id: string) =>
      (await call('GET', `/${id}/deliveries`)).list.map(({ event }) => event).toSorted();
    expect(await eventsOf(all.id)).toEqual(['bounced', 'delivered']);
    expect(await eventsOf(some.id)).toEqual(['bounced', 'connection.degraded']);
    expect((await stranger.call('GET', `/${theirs.id}/deliveries`)).list).toEqual([]);
  });

  test('are listed newest first, by pages and status', async () => {
    const { account, call, create } = await createOwner();
    const { id } = await create();
    await addEvent(account.id, 'delivered');
    await addEvent(account.id, 'opened');
    const page = await call('GET', `/${id}/deliveries?per_page=1`);
    expect(page.list).toMatchObject([{ event: 'opened', status: 'pending', attempt_count: 0 }]);
    expect((await call('GET', `/${id}/deliveries?status=failed`)).list).toEqual([]);
    expect((await call('GET', `/${id}/deliveries?status=lost`)).status).toBe(422);
    const [delivery] = page.list;
    const path = `/${id}/deliveries/${String(delivery?.['id'])}`;
    const detail = (await call('GET', path)).body as unknown as WebhookDeliveryDetail;
    const { request, ...rest } = detail;
    expect(rest).toEqual({ ...delivery, attempts: [] });
    expect(request.headers).toMatchObject({ 'webhook-id': delivery?.['id'] });
    expect(JSON.parse(request.body)).toMatchObject({ event: 'opened', timestamp: rest.timestamp });
    expect((await call('GET', `/${id}/deliveries?event=delivered`)).list).toHaveLength(1);
    expect((await call('GET', `/${id}/deliveries?event=lost`)).status).toBe(422);
  });

  test('of one millisecond are in the order they were made in', async () => {
    const { rows } = await fixture.services.database.pool.query<{ id: string; at: string }>(
      `select id, at::text from (
         select new_webhook_delivery_id() as id, clock_timestamp() as at, n,
                (select count(*) from generate_series(n, n + 300)) as takes_some_microseconds
         from generate_series(1, 500) n offset 0
       ) as made order by n`,
    );
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids.map((id) => id.slice(0, 13))).size).toBeLessThan(400);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    const [first] = rows;
    const ms = Number.parseInt((first?.id ?? '').replace('-', '').slice(0, 12), 16);
    expect(Math.abs(ms - Date.parse(first?.at ?? ''))).toBeLessThan(1000);
  });

  test('a disabled endpoint keeps its events, to be replayed', async () => {
    const { account, call, create } = await createOwner();
    const { id } = await create();
    await addEvent(account.id, 'delivered');
    await call('PATCH', `/${id}`, { enabled: false });
    await addEvent(account.id, 'opened');
    const kept = (await call('GET', `/${id}/deliveries`)).list;
    expect(kept.map((delivery) => delivery['next_attempt_at'])).toEqual([null, null]);
    for (const path of ['test', 'replay', `deliveries/${String(kept[0]?.['id'])}/replay`]) {
      expect((await call('POST', `/${id}/${path}`, { missed: true })).status).toBeGreaterThan(400);
    }
    await call('PATCH', `/${id}`, { enabled: true });
    const replayed = await call('POST', `/${id}/replay`, { missed: true });
    expect(replayed).toMatchObject({ status: 202, body: { replayed: 2 } });
    const due = (await call('GET', `/${id}/deliveries`)).list;
    expect(due.map((delivery) => delivery['id'])).toEqual(kept.map(({ id }) => id));
    expect(due.every((delivery) => delivery['next_attempt_at'] !== null)).toBe(true);
  });

  test('a range is replayed by the times of its events', async () => {
    const { account, call, create } = await createOwner();
    const { id } = await create();
    await addEvent(account.id, 'delivered');
    const hour = (n: number) => new Date(Date.now() + n * 3_600_000).toISOString();
    const replay = async (body: unknown) => (await call('POST', `/${id}/replay`, body)).body;
    expect(await replay({ from: hour(-1), to: hour(1) })).toEqual({ replayed: 1 });
    expect(await replay({ from: hour(-2), to: hour(-1) })).toEqual({ replayed: 0 });
    for (const body of [{}, { from: hour(0) }, { from: hour(1), to: hour(0) }, { missed: 1 }]) {
      expect((await call('POST', `/${id}/replay`, body)).status, JSON.stringify(body)).toBe(422);
    }
  });

  test('there are a hundred of an account, and no more', async () => {
    const { account, create, call } = await createOwner();
    await create();
    await fixture.services.database.pool.query(
      `insert into webhook_endpoints (account_id, id, url, events, secret)
       select account_id, gen_random_uuid(), url, events, secret
       from webhook_endpoints, generate_series(1, 99) where account_id = $1`,
      [account.id],
    );
    expect(await call('POST', '', { url: URL_OF })).toMatchObject({
      status: 422,
      body: { errors: ['An account can have at most 100 webhook endpoints; delete one first'] },
    });
  });

  test('a delivery that is being made waits for no next attempt', async () => {
    const { call, create } = await createOwner();
    const { id } = await create();
    const { body } = await call('POST', `/${id}/test`, {});
    expect(body['next_attempt_at']).not.toBeNull();
    await fixture.services.database.pool.query(
      `update webhook_deliveries set lease = gen_random_uuid(), run_at = now() + interval '45 seconds'
       where id = $1`,
      [body['id']],
    );
    const [delivery] = (await call('GET', `/${id}/deliveries`)).list;
    expect(delivery).toMatchObject({ status: 'pending', next_attempt_at: null });
  });

  test('a test is a delivery like any other', async () => {
    const { call, create } = await createOwner();
    const { id } = await create();
    expect(await call('POST', `/${id}/test`, {})).toMatchObject({
      status: 202,
      body: { event: 'delivered', status: 'pending' },
    });
    expect((await call('POST', `/${id}/test`, { event: 'x' })).status).toBe(422);
    expect((await call('GET', `/${id}/deliveries`)).list).toHaveLength(1);
  });
});
