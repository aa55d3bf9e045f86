import { RouteExplanation, RoutingRule } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { expectShape } from '../support/expect-shape.ts';

const PATH = '/routing_rules';
const MAIL = { from: 'hello@shop.example', to: 'ada@gmail.com' };

let api: ApiFixture;
let owner: SignedUp;
let primary: string;
let backup: string;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(async () => {
  owner = await api.signUp();
  primary = await connect('Primary');
  backup = await connect('Backup', { provider: 'smtp', api_key: undefined, smtp_host: 'mx.test' });
});

async function connect(name: string, over: Record<string, unknown> = {}): Promise<string> {
  const body = { provider: 'sendgrid', api_key: 'SG.key-of-a-test', display_name: name, ...over };
  const answer = await owner.post<{ id: string }>('/provider_connections', body);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.id;
}

async function create(body: Record<string, unknown> = {}): Promise<RoutingRule> {
  const rule = { name: 'Rule', connections: [{ connection_id: primary }], ...body };
  const answer = await owner.post<RoutingRule>(PATH, rule);
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
}

async function explain(body: Record<string, unknown> = {}): Promise<RouteExplanation> {
  const answer = await owner.post<RouteExplanation>(`${PATH}/explain`, { ...MAIL, ...body });
  if (answer.status !== 200) throw new Error(answer.text);
  expectShape(RouteExplanation, answer.body);
  return answer.body;
}

describe('a rule', () => {
  it('is created with what was left out filled in', async () => {
    const answer = await owner.post<RoutingRule>(PATH, {
      name: ' Invoices ',
      match: { sender_domain: 'Shop.Example', recipient_domain: 'bücher.example', tag: 'invoice' },
      strategy: 'weighted',
      connections: [
        { connection_id: primary, weight: 70 },
        { connection_id: backup, weight: 30, failover_only: true, priority: 9 },
      ],
    });
    expect(answer.status).toBe(201);
    expectShape(RoutingRule, answer.body);
    expect(answer.body).toMatchObject({
      ...{ name: 'Invoices', position: 1, enabled: true, strategy: 'weighted', warnings: [] },
      match: {
        sender_domain: 'shop.example',
        recipient_domain: 'xn--bcher-kva.example',
        tag: 'invoice',
      },
      connections: [
        {
          ...{ connection_id: primary, display_name: 'Primary', provider: 'sendgrid' },
          ...{ priority: 1, weight: 70, failover_only: false },
        },
        {
          ...{ connection_id: backup, display_name: 'Backup', provider: 'smtp' },
          ...{ priority: 9, weight: 30, failover_only: true },
        },
      ],
    });
    const read = await owner.get(`${PATH}/${answer.body.id}`);
    expect(read.body).toEqual(answer.body);
  });

  it('is listed by position', async () => {
    const last = await create({ name: 'Last', match: { tag: 'a' }, position: 9 });
    const first = await create({ name: 'First', match: { tag: 'b' }, position: 2 });
    const next = await create({ name: 'Next', match: { tag: 'c' } });
    const answer = await owner.get<RoutingRule[]>(PATH);
    expect(answer.body.map(({ id }) => id)).toEqual([first.id, last.id, next.id]);
    expect(answer.headers['x-total-count']).toBe('3');
    expect(answer.body[0]).toEqual(first);
  });

  it('is changed in the parts that are given, lists and match as a whole', async () => {
    const rule = await create({ match: { tag: 'a', sender_domain: 'a.example' } });
    const patch = (body: unknown) => owner.patch<RoutingRule>(`${PATH}/${rule.id}`, body);
    const renamed = await patch({ name: 'New', enabled: false, position: 4 });
    expect(renamed.body).toMatchObject({
      ...{ name: 'New', enabled: false, position: 4, match: rule.match },
      connections: rule.connections,
    });
    const moved = await patch({ match: { tag: 'b' }, connections: [{ connection_id: backup }] });
    expect(moved.body).toMatchObject({
      match: { tag: 'b', sender_domain: null, recipient_domain: null },
      connections: [{ connection_id: backup, priority: 1, weight: 1, failover_only: false }],
    });
    expect((await patch({ enabled: true, match: null })).body).toMatchObject({
      ...{ enabled: true, match: { tag: null } },
    });
  });

  it('is deleted, and is then nowhere', async () => {
    const { id } = await create();
    expect((await owner.delete(`${PATH}/${id}`)).status).toBe(204);
    expect((await owner.get(`${PATH}/${id}`)).status).toBe(404);
    expect((await owner.patch(`${PATH}/${id}`, { name: 'x' })).status).toBe(404);
    expect((await owner.delete(`${PATH}/${id}`)).status).toBe(404);
    expect((await owner.get('/routing_rules/nonsense')).status).toBe(404);
    expect((await owner.get(PATH)).body).toEqual([]);
  });

  it('goes with none of its connections, and loses those that are deleted', async () => {
    const rule = await create({
      connections: [{ connection_id: primary }, { connection_id: backup }],
    });
    await owner.delete(`/provider_connections/${primary}`);
    const answer = await owner.get<RoutingRule>(`${PATH}/${rule.id}`);
    expect(answer.body.connections.map((one) => one.connection_id)).toEqual([backup]);
    expect(answer.body.warnings).toEqual([]);
    await owner.delete(`/provider_connections/${backup}`);
    const empty = await owner.get<RoutingRule>(`${PATH}/${rule.id}`);
    expect(empty.body.connections).toEqual([]);
    expect(empty.body.warnings).toEqual([
      expect.stringContaining('All its connections were deleted'),
    ]);
  });
});

describe('a rule that can not be', () => {
  const of = (connections: unknown, over: object = {}) => ({ name: 'x', connections, ...over });
  it.each<[string, () => unknown, readonly (string | RegExp)[]]>([
    ['nothing', () => ({}), ['Name is required', 'Connections is required']],
    ['no connections', () => of([]), ['connections must name at least one connection']],
    [
      'unknown connections',
      () => of([{ connection_id: crypto.randomUUID() }, { connection_id: 'nonsense' }]),
      [
        'connections[0].connection_id is not one of your provider connections',
        'connections[1].connection_id is not one of your provider connections',
      ],
    ],
    [
      'one twice',
      () => of([{ connection_id: primary }, { connection_id: primary.toUpperCase() }]),
      ['connections[1].connection_id is given twice'],
    ],
    [
      'a negative weight and priority',
      () => of([{ connection_id: primary, weight: -1, priority: -2 }], { strategy: 'weighted' }),
      ['connections[0].weight must be at least 0', 'connections[0].priority must be at least 0'],
    ],
    [
      'weights that are all zero',
      () =>
        of(
          [
            { connection_id: primary, weight: 0 },
            { connection_id: backup, weight: 5, failover_only: true },
          ],
          { strategy: 'weighted' },
        ),
      ['connections[0].weight must be above 0 for at least one connection'],
    ],
    [
      'nonsense domains and an empty tag',
      () =>
        of([{ connection_id: primary }], {
          match: { sender_domain: 'ada@example.com', recipient_domain: 'nope', tag: ' ' },
        }),
      [
        'match.sender_domain must be a domain such as example.com: "ada@example.com"',
        'match.recipient_domain must be a domain such as example.com: "nope"',
        'match.tag is empty; leave it out to match every tag',
      ],
    ],
    [
      'unknown fields and words',
      () => of([{ connection_id: primary, wait: 1 }], { strategy: 'random', macth: {} }),
      [
        'Unknown field: connections[0].wait',
        'Unknown field: macth; did you mean match?',
        'Strategy must be one of: priority, weighted, round_robin, failover_only',
      ],
    ],
    [
      'a name of two lines',
      () => of([{ connection_id: primary }], { name: 'a\nb' }),
      ['Name must be one line of text'],
    ],
  ])('is refused for %s', async (_title, body, faults) => {
    const answer = await owner.post(PATH, body());
    expect([...faultsOf(answer)].toSorted()).toEqual([...faults].toSorted());
    expect((await owner.get(PATH)).body).toEqual([]);
  });

  it("is refused with another account's connection, in the words for an unknown one", async () => {
    const stranger = await api.signUp();
    const answer = await stranger.post(PATH, of([{ connection_id: primary }]));
    expect(faultsOf(answer)).toEqual([
      'connections[0].connection_id is not one of your provider connections',
    ]);
  });

  it('is refused as a second default, until the first is out of use', async () => {
    const first = await create({ name: 'Everything' });
    const second = { name: 'Again', match: {}, connections: [{ connection_id: backup }] };
    expect(faultsOf(await owner.post(PATH, second))).toEqual([
      'match is empty, and "Everything" is the default rule already; there can be only one',
    ]);
    const disabled = await create({ ...second, enabled: false });
    expect(
      faultsOf(await owner.patch(`${PATH}/${disabled.id}`, { enabled: true })).join(),
    ).toContain('is the default rule already');
    await owner.patch(`${PATH}/${first.id}`, { enabled: false });
    const now = await owner.patch(`${PATH}/${disabled.id}`, { enabled: true });
    expect(now.status).toBe(200);
  });

  it('is refused once of many that race to be the default', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => owner.post(PATH, of([{ connection_id: primary }]))),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([
      201,
      ...Array.from({ length: 7 }, () => 422),
    ]);
  });

  it('is not made of a sound one by a change', async () => {
    const rule = await create({ connections: [{ connection_id: primary, weight: 0 }] });
    const patch = (body: unknown) => owner.patch(`${PATH}/${rule.id}`, body);
    expect(faultsOf(await patch({ strategy: 'weighted' }))).toEqual([
      'connections[0].weight must be above 0 for at least one connection',
    ]);
    expect(faultsOf(await patch({ connections: [] }))).toEqual([
      'connections must name at least one connection',
    ]);
    expect(faultsOf(await patch({}))).toEqual(['Give at least one field to change']);
    expect((await owner.get(`${PATH}/${rule.id}`)).body).toEqual(rule);
  });

  it('is refused to keys that may not write', async () => {
    const rule = await create();
    const key = await owner.post<{ raw_key: string }>('/api_keys', { name: 'r', role: 'read' });
    const reader = api.caller(key.body.raw_key);
    expect((await reader.get(`${PATH}/${rule.id}`)).status).toBe(200);
    expect((await reader.post(`${PATH}/explain`, MAIL)).status).toBe(200);
    expect((await reader.post(PATH, of([{ connection_id: primary }]))).status).toBe(403);
    expect((await reader.patch(`${PATH}/${rule.id}`, { name: 'x' })).status).toBe(403);
    expect((await reader.delete(`${PATH}/${rule.id}`)).status).toBe(403);
    expect((await api.anyone.get(PATH)).status).toBe(401);
  });
});

describe('a rule that leads nowhere', () => {
  it('is accepted with a warning that says why', async () => {
    await owner.patch(`/provider_connections/${primary}`, { enabled: false });
    const rule = await create();
    expect(rule.warnings).toEqual([
      'Mail it takes has nowhere to go and waits: "Primary" is disabled',
    ]);
    const explained = await explain();
    expect(explained.rule).toMatchObject({ id: rule.id, warnings: rule.warnings });
    expect(explained.waits).toContain('Primary: passed over, disabled');
    expect(explained.connections).toMatchObject([
      { connection_id: primary, decision: 'passed over', reason: 'disabled' },
      {
        ...{ connection_id: backup, decision: 'passed over' },
        reason: 'not for the mail of the rule "Rule"',
      },
    ]);
  });

  it('warns of failover_only alone, of sandboxes, and of what is left', async () => {
    const sandbox = await connect('Box', { provider: 'sandbox', api_key: undefined });
    const all = await create({
      match: { tag: 'a' },
      connections: [{ connection_id: primary, failover_only: true }],
    });
    expect(all.warnings.join()).toContain('All its connections are failover_only');
    const boxed = await create({ match: { tag: 'b' }, connections: [{ connection_id: sandbox }] });
    expect(boxed.warnings.join()).toContain('delivered to nobody');
    const mixed = await create({
      match: { tag: 'c' },
      connections: [{ connection_id: sandbox }, { connection_id: primary }],
    });
    expect(mixed.warnings).toEqual(['"Box" is a sandbox: only test mail goes there']);
  });
});
