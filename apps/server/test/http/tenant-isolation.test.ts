import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let owner: SignedUp;
let stranger: SignedUp;
type Owned =
  'email' | 'key' | 'connection' | 'suppression' | 'rule' | 'domain' | 'hook' | 'delivery';
let ids: Record<Owned, string>;

async function make(path: string, body: unknown): Promise<string> {
  const answer = await owner.post<{ id: string }>(path, body);
  if (answer.status >= 300) throw new Error(answer.text);
  return answer.body.id;
}

beforeAll(async () => {
  api = await createApiFixture();
  [owner, stranger] = [await api.signUp(), await api.signUp()];
  ids = {
    email: await make('/emails', {
      ...{ from: 'a@example.com', to: 'private@example.com', subject: 'Private', text: 'x' },
      metadata: { idempotency_key: 'k' },
      tags: ['private'],
    }),
    key: await make('/api_keys', { name: 'private' }),
    connection: await make('/provider_connections', {
      provider: 'sandbox',
      display_name: 'private',
    }),
    suppression: await make('/suppressions', { email: 'gone@example.com' }),
    rule: '',
    domain: await make('/domains', { domain: 'private.example.com' }),
    hook: await make('/webhook_endpoints', { url: 'https://private.example.com' }),
    delivery: '',
  };
  ids.rule = await make('/routing_rules', {
    name: 'private',
    connections: [{ connection_id: ids.connection }],
  });
  ids.delivery = await make(`/webhook_endpoints/${ids.hook}/test`, {});
});
afterAll(() => api.close());

/** Everything the owner sees. */
async function snapshot(): Promise<string> {
  const lists = [
    ...['/emails', '/api_keys', '/provider_connections', '/suppressions', '/auth/me'],
    ...['/domains', '/audit_log', '/suppressions/export', '/suppressions/counts', '/routing_rules'],
  ];
  const hook = `/webhook_endpoints/${ids.hook}`;
  const answers = await Promise.all(
    [...lists, `/emails/${ids.email}`, hook, `${hook}/deliveries`].map((path) => owner.get(path)),
  );
  return answers.map((answer) => answer.text).join('\n');
}

describe("another account's resource", () => {
  it.each([
    ['GET', '/emails/:email', undefined],
    ['GET', '/emails/:email/raw', undefined],
    ['GET', '/emails/:email/preview', undefined],
    ['GET', '/sandbox/messages/:email', undefined],
    ['GET', '/provider_connections/:connection', undefined],
    ['PATCH', '/provider_connections/:connection', { display_name: 'mine', enabled: false }],
    ['PATCH', '/provider_connections/:connection', { api_key: 'mine' }],
    ['POST', '/provider_connections/:connection/verify', undefined],
    ['DELETE', '/provider_connections/:connection', undefined],
    ['PATCH', '/api_keys/:key/revoke', undefined],
    ['DELETE', '/api_keys/:key', undefined],
    ['DELETE', '/suppressions/:suppression', undefined],
    ['GET', '/routing_rules/:rule', undefined],
    ['PATCH', '/routing_rules/:rule', { name: 'mine', enabled: false }],
    ['DELETE', '/routing_rules/:rule', undefined],
    ['DELETE', '/suppressions?email=gone@example.com', undefined],
    ['GET', '/domains/:domain', undefined],
    ['POST', '/domains/:domain/verify', undefined],
    ['DELETE', '/domains/:domain', undefined],
    ['GET', '/webhook_endpoints/:hook', undefined],
    ['PATCH', '/webhook_endpoints/:hook', { url: 'https://mine.example.com', enabled: false }],
    ['POST', '/webhook_endpoints/:hook/rotate_secret', undefined],
    ['POST', '/webhook_endpoints/:hook/test', {}],
    ['POST', '/webhook_endpoints/:hook/replay', { missed: true }],
    ['GET', '/webhook_endpoints/:hook/deliveries', undefined],
    ['GET', '/webhook_endpoints/:hook/deliveries/:delivery', undefined],
    ['POST', '/webhook_endpoints/:hook/deliveries/:delivery/replay', undefined],
    ['DELETE', '/webhook_endpoints/:hook', undefined],
  ] as const)('is not there: %s %s', async (method, path, body) => {
    const before = await snapshot();
    const asked = api.sandbox.verified.length;
    const id = (_match: string, name: keyof typeof ids) => ids[name];
    const answer = await stranger.call(method, path.replace(/:(\w+)/g, id), { body });
    expect(answer.status).toBe(404);
    expect(answer.text).not.toMatch(/private/i);
    const made = await stranger.call(method, path.replace(/:(\w+)/g, crypto.randomUUID()), {
      body,
    });
    expect({ ...(made.body as object), request_id: '' }).toEqual({
      ...(answer.body as object),
      request_id: '',
    });
    expect(await snapshot()).toBe(before);
    expect(api.sandbox.verified).toHaveLength(asked);
  });

  it('is in no list, whatever the filter', async () => {
    const paths = [
      ...['/emails', '/emails?recipient=private', '/emails?tag=private', '/emails?status=queued'],
      `/emails?cursor=ffffffff-ffff-7fff-bfff-ffffffffffff`,
      ...['/api_keys', '/provider_connections', '/suppressions', '/suppressions?email=gone'],
      '/routing_rules',
      ...['/domains', '/audit_log?action=domain', '/suppressions/export?format=json'],
      ...['/webhook_endpoints', '/sandbox/messages'],
    ];
    for (const path of paths) {
      const answer = await stranger.get(path);
      expect([answer.status, answer.body], path).toEqual([200, []]);
    }
  });

  it('has no effect: neither its suppressions nor its idempotency keys', async () => {
    const answer = await stranger.post<{ id: string; status: string }>('/emails', {
      ...{ from: 'a@example.com', to: 'gone@example.com', subject: 'x', text: 'x' },
      metadata: { idempotency_key: 'k' },
    });
    expect(answer.body.status).toBe('queued');
    expect(answer.body.id).not.toBe(ids.email);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
  });
});
