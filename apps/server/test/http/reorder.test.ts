import type {
  AuditEntry,
  CreatedApiKey,
  ProviderConnection,
  RouteExplanation,
  RoutingRule,
} from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let owner: SignedUp;
/** By name. */
let connections: Readonly<Record<string, string>>;
let rules: Readonly<Record<string, string>>;

beforeAll(async () => {
  api = await createApiFixture();
});
beforeEach(async () => {
  owner = await api.signUp();
  connections = Object.fromEntries([
    await connect('one', 0),
    await connect('two', 5),
    await connect('three', 5),
  ]);
  const members = { connections: [{ connection_id: connections['one'] }] };
  const rule = async (name: string, match: object) =>
    [name, (await make('/routing_rules', { name, match, ...members })).id] as const;
  rules = Object.fromEntries([
    await rule('news', { tag: 'news' }),
    await rule('shop', { sender_domain: 'shop.example' }),
    await rule('rest', {}),
  ]);
});
afterAll(() => api.close());

async function make(path: string, body: object): Promise<{ id: string }> {
  const answer = await owner.post<{ id: string }>(path, body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

async function connect(name: string, priority: number) {
  const body = { provider: 'sandbox', display_name: name, priority };
  return [name, (await make('/provider_connections', body)).id] as const;
}

const idsOf = (names: string, from: Readonly<Record<string, string>>) =>
  names.split(' ').map((name) => from[name] ?? name);
const listConnections = async () =>
  (await owner.get<ProviderConnection[]>('/provider_connections')).body.map(
    ({ display_name: name, priority }) => `${name}:${priority}`,
  );
const listRules = async () =>
  (await owner.get<RoutingRule[]>('/routing_rules')).body.map(
    ({ name, position }) => `${name}:${position}`,
  );

describe('a new order', () => {
  it('of connections is stored as a whole, and is in the audit log', async () => {
    expect(await listConnections()).toEqual(['one:0', 'two:5', 'three:5']);
    const body = { ids: idsOf('three one two', connections) };
    const answer = await owner.post('/provider_connections/reorder', body);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(await listConnections()).toEqual(['three:1', 'one:2', 'two:3']);
    const { body: log } = await owner.get<AuditEntry[]>(
      '/audit_log?action=provider_connection.reordered',
    );
    expect(log).toMatchObject([{ subject_id: null, detail: { order: ['three', 'one', 'two'] } }]);
  });

  it('of rules holds for the next mail', async () => {
    const mail = { from: 'a@shop.example', to: 'b@example.com', tags: ['news'] };
    const ruleOf = async () =>
      (await owner.post<RouteExplanation>('/routing_rules/explain', mail)).body.rule?.name;
    expect(await ruleOf()).toBe('news');
    const body = { ids: idsOf('shop news rest', rules) };
    expect((await owner.post('/routing_rules/reorder', body)).status).toBe(204);
    expect(await listRules()).toEqual(['shop:1', 'news:2', 'rest:3']);
    expect(await ruleOf()).toBe('shop');
    const { body: log } = await owner.get<AuditEntry[]>('/audit_log?action=routing_rule.reordered');
    expect(log).toMatchObject([{ detail: { order: ['shop', 'news', 'rest'] } }]);
  });

  it.each([
    ['one two', ['ids must have all of your provider connections; missing: "three"']],
    ['one two three one', ['ids[3] is there already, as ids[0]']],
    [
      'one nothing three',
      [
        'ids[1] is not one of your provider connections',
        'ids must have all of your provider connections; missing: "two"',
      ],
    ],
  ])('that is none changes nothing: %s', async (names, errors) => {
    const before = await listConnections();
    const body = { ids: idsOf(names, connections) };
    const answer = await owner.post('/provider_connections/reorder', body);
    expect(answer).toMatchObject({ status: 422, body: { errors } });
    expect(await listConnections()).toEqual(before);
  });

  it.each([
    [{}, 'Ids is required'],
    [{ ids: 'one' }, 'Ids must be a list'],
    [{ ids: [7] }, 'ids[0] must be a string'],
  ])('names what is wrong with %j', async (body, error) => {
    for (const path of ['/provider_connections/reorder', '/routing_rules/reorder']) {
      expect(await owner.post(path, body)).toMatchObject({
        status: 422,
        body: { errors: [error] },
      });
    }
  });

  it('is not mixed with another one at the same time', async () => {
    const orders = ['one two three', 'three two one', 'two three one', 'three one two'];
    const answers = await Promise.all(
      orders.map((names) =>
        owner.post('/provider_connections/reorder', { ids: idsOf(names, connections) }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
    const stored = (await listConnections()).map((item) => item.split(':'));
    expect(stored.map(([, priority]) => priority)).toEqual(['1', '2', '3']);
    expect(orders).toContain(stored.map(([name]) => name).join(' '));
  });

  it('is no matter of a key that reads', async () => {
    const { body } = await owner.post<CreatedApiKey>('/api_keys', { name: 'r', role: 'read' });
    for (const path of ['/provider_connections/reorder', '/routing_rules/reorder']) {
      expect((await api.caller(body.raw_key).post(path, { ids: [] })).status).toBe(403);
    }
  });
});
