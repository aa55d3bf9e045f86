import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  AuthenticationError,
  ConnectionError,
  CourierX,
  CourierXError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TimeoutError,
  ValidationError,
} from '../src/index.ts';

type Seen = {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: unknown;
};
type Script = (request: Seen, response: ServerResponse) => void;

let server: Server;
let seen: Seen[];
let scripts: Script[];
let courierx: CourierX;

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Script =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
const hang: Script = () => undefined;
const cutOff: Script = (_request, response) => response.destroy();

beforeEach(async () => {
  seen = [];
  scripts = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const { method, url, headers } = request;
      const one = {
        method,
        url,
        headers,
        body: text === '' ? null : (JSON.parse(text) as unknown),
      };
      seen.push(one);
      (scripts.shift() ?? json(500, { error: 'no script left' }))(one, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  courierx = new CourierX({ apiKey: 'cxk_live_key', baseUrl: `http://127.0.0.1:${port}` });
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const MAIL = { from: 'hello@yourapp.com', to: 'user@example.com', subject: 'Hi', html: '<p>1</p>' };

describe('emails.send', () => {
  it('speaks snake_case on the wire, and leaves metadata and headers as they are', async () => {
    scripts.push(json(202, { id: 'e1', status: 'queued', from_email: 'hello@yourapp.com' }));

    const { email, replayed } = await courierx.emails.send({
      ...MAIL,
      fromName: 'App',
      replyTo: ['a@example.com'],
      metadata: { userId: 1, nested: { keepThis: true } },
      headers: { 'X-MyHeader': 'v' },
      attachments: [{ filename: 'a.bin', content: new Uint8Array([0, 255, 1]), contentId: 'c' }],
    });

    expect(email).toMatchObject({ id: 'e1', status: 'queued', fromEmail: 'hello@yourapp.com' });
    expect(replayed).toBe(false);
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/api/v1/emails',
      headers: { authorization: 'Bearer cxk_live_key' },
      body: {
        from: 'hello@yourapp.com',
        from_name: 'App',
        reply_to: ['a@example.com'],
        metadata: { userId: 1, nested: { keepThis: true } },
        headers: { 'X-MyHeader': 'v' },
        attachments: [{ filename: 'a.bin', content: 'AP8B', content_id: 'c' }],
      },
    });
  });

  it('makes one idempotency key and repeats it on every try', async () => {
    scripts.push(cutOff, json(503, { error: 'Not now' }, { 'retry-after': '0' }));
    scripts.push(json(202, { id: 'e1' }, { 'idempotency-replayed': 'true' }));

    const { replayed } = await courierx.emails.send(MAIL);

    const keys = seen.map(({ headers }) => headers['idempotency-key']);
    expect(replayed).toBe(true);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("uses the caller's key, and none beside the one in the metadata", async () => {
    scripts.push(json(202, {}), json(202, {}));

    await courierx.emails.send(MAIL, { idempotencyKey: 'mine' });
    await courierx.emails.send({ ...MAIL, metadata: { idempotency_key: 'theirs' } });

    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', undefined]);
  });
});

describe('errors', () => {
  it.each([
    [401, AuthenticationError],
    [404, NotFoundError],
    [422, ValidationError],
  ])('are typed by status: %i', async (status, expected) => {
    const body = status === 422 ? { errors: ['a', 'b'], code: 'x' } : { error: 'a; b', code: 'x' };
    scripts.push(json(status, body, { 'x-request-id': 'r1' }));

    const error = await courierx.emails.get('e1').catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(expected);
    expect(error).toMatchObject({ status, code: 'x', requestId: 'r1', message: 'a; b' });
    expect(seen).toHaveLength(1);
  });

  it('come after the retries where trying again may help', async () => {
    const busy = json(429, { error: 'Rate limit exceeded' }, { 'retry-after': '0' });
    scripts.push(busy, busy, busy);

    await expect(courierx.apiKeys.create({ name: 'k' })).rejects.toThrow(RateLimitError);
    expect(seen).toHaveLength(3);
  });

  it('come at once where trying again could do the thing twice', async () => {
    scripts.push(json(503, { error: 'Not now' }));

    await expect(courierx.apiKeys.create({ name: 'k' })).rejects.toThrow(ServerError);
    expect(seen).toHaveLength(1);
  });

  it('come at once where the wait asked for is too long', async () => {
    scripts.push(json(429, { error: 'Rate limit exceeded' }, { 'retry-after': '3600' }));

    await expect(courierx.emails.get('e1')).rejects.toMatchObject({ retryAfterSeconds: 3600 });
    expect(seen).toHaveLength(1);
  });

  it('tell no answer from an answer', async () => {
    scripts.push(hang, cutOff);
    const options = { maxRetries: 0, timeoutMs: 200 };

    await expect(courierx.emails.get('e1', options)).rejects.toThrow(TimeoutError);
    await expect(courierx.emails.get('e1', { maxRetries: 0 })).rejects.toThrow(ConnectionError);
  });

  it('name a base URL that is none of an API', async () => {
    scripts.push((_request, response) => response.end('<html>'));

    await expect(courierx.emails.get('e1')).rejects.toThrow(/not JSON: is baseUrl right/);
    expect(() => new CourierX({ baseUrl: 'localhost:4000' })).toThrow(CourierXError);
  });

  it('are the reason of the signal where the caller ends the call', async () => {
    scripts.push(hang);
    const controller = new AbortController();
    const call = courierx.emails.get('e1', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('enough')), 50);

    await expect(call).rejects.toThrow('enough');
  });
});

describe('lists', () => {
  it('give one page when awaited', async () => {
    scripts.push(
      json(200, [{ id: '1', created_at: 'now' }], {
        'x-total-count': '3',
        'x-page': '1',
        'x-per-page': '1',
        link: '</api/v1/emails?page=2&per_page=1>; rel="next"',
      }),
    );

    const emails = await courierx.emails.list({ status: 'delivered', perPage: 1 });

    expect(emails[0]).toEqual({ id: '1', createdAt: 'now' });
    expect(emails).toMatchObject({ length: 1, total: 3, page: 1, perPage: 1, hasMore: true });
    expect(seen[0]?.url).toBe('/api/v1/emails?status=delivered&per_page=1');
  });

  it('give every item when iterated, page after page', async () => {
    const link = (query: string) => ({ link: `</api/v1/emails?${query}>; rel="next"` });
    scripts.push(json(200, [{ id: '1' }, { id: '2' }], link('tag=a%26b&cursor=c1')));
    scripts.push(json(200, [{ id: '3' }], link('tag=a%26b&cursor=c2')), json(200, []));

    const ids: string[] = [];
    for await (const { id } of courierx.emails.list({ tag: 'a&b' })) ids.push(id);

    expect(ids).toEqual(['1', '2', '3']);
    expect(seen.map(({ url }) => url)).toEqual([
      '/api/v1/emails?tag=a%26b',
      '/api/v1/emails?tag=a%26b&cursor=c1',
      '/api/v1/emails?tag=a%26b&cursor=c2',
    ]);
  });
});

describe('routingRules', () => {
  it('are made and asked in the words of the wire', async () => {
    scripts.push(json(201, { id: 'r1', connections: [{ failover_only: true }] }));
    scripts.push(json(503, { error: 'Not now' }), json(200, { rule: null, waits: null }));

    const rule = await courierx.routingRules.create({
      name: 'EU',
      match: { recipientDomain: 'web.de' },
      connections: [{ connectionId: 'c1', failoverOnly: true }],
    });
    const explained = await courierx.routingRules.explain({ from: MAIL.from, to: MAIL.to });

    expect(rule.connections[0]?.failoverOnly).toBe(true);
    expect(explained.waits).toBeNull();
    expect(seen.map(({ url }) => url)).toEqual([
      '/api/v1/routing_rules',
      ...['/api/v1/routing_rules/explain', '/api/v1/routing_rules/explain'],
    ]);
    expect(seen[0]?.body).toEqual({
      name: 'EU',
      match: { recipient_domain: 'web.de' },
      connections: [{ connection_id: 'c1', failover_only: true }],
    });
  });
});

describe('ids', () => {
  it('are parts of a path, whatever is in them', async () => {
    scripts.push(json(404, { error: 'Not found' }));

    await expect(courierx.emails.get('../api_keys')).rejects.toThrow(NotFoundError);
    expect(seen[0]?.url).toBe('/api/v1/emails/..%2Fapi_keys');
    expect(() => courierx.emails.get('')).toThrow(TypeError);
  });
});
