import { RouteExplanation, type RoutingRule } from '@courierx/contract';
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

describe('explain', () => {
  it('goes by priority without a rule', async () => {
    const explained = await explain();
    expect(explained).toEqual({
      ...{ rule: null, rules: [], waits: null, trace: ['Primary: used'] },
      connections: [
        {
          ...{ connection_id: primary, display_name: 'Primary', provider: 'sendgrid' },
          ...{ decision: 'used', reason: 'the first by priority that can be used' },
          ...{ share: null, failover_only: false },
        },
        {
          ...{ connection_id: backup, display_name: 'Backup', provider: 'smtp' },
          ...{ decision: 'passed over', share: null, failover_only: false },
          reason: 'tried if the attempt by "Primary" fails',
        },
      ],
    });
  });

  it('names the rule that matches best and why the others do not', async () => {
    await create({ name: 'All' });
    const members = [{ connection_id: backup }];
    const tag = await create({ name: 'Tag', match: { tag: 'bulk' }, connections: members });
    await create({ name: 'Web', match: { recipient_domain: 'web.de' } });
    const mixed = { to: ['ada@gmail.com', 'bob@web.de'], cc: 'eve@web.de', tags: ['bulk'] };
    const explained = await explain(mixed);
    expect(explained.rule).toMatchObject({ id: tag.id, name: 'Tag', strategy: 'priority' });
    expect(explained.rules.map(({ name, matched, reason }) => [name, matched, reason])).toEqual([
      ['Tag', true, 'it matches best'],
      ['Web', false, 'not every recipient is at web.de'],
      ['All', false, 'a rule that comes before it matches'],
    ]);
    expect(explained.trace).toEqual(['Rule "Tag": priority', 'Backup: used']);
    expect((await explain({ to: ['a@web.de', 'b@WEB.de'] })).rule?.name).toBe('Web');
  });

  it('shows the shares among what can be used, and takes no turn', async () => {
    const third = await connect('Third');
    const connections = [
      { connection_id: primary, weight: 50 },
      { connection_id: backup, weight: 30 },
      { connection_id: third, weight: 20 },
    ];
    await create({ strategy: 'weighted', connections });
    const shares = async () => {
      const { connections: all } = await explain();
      return Object.fromEntries(all.map((one) => [one.display_name, one.share]));
    };
    expect(await shares()).toEqual({ Primary: 0.5, Backup: 0.3, Third: 0.2 });
    await owner.patch(`/provider_connections/${primary}`, { enabled: false });
    expect(await shares()).toEqual({ Primary: 0, Backup: 0.6, Third: 0.4 });
    expect(await explain()).toEqual(await explain());
  });

  it('takes a whole mail under any of its aliases and names what can not be carried', async () => {
    const capabilities = { ...api.sendgrid.capabilities, multipleReplyTo: false };
    api.sendgrid.capabilities = capabilities;
    const body = { from_email: MAIL.from, to_email: MAIL.to, html: '<p>x</p>', subject: 'Hi' };
    const answer = await owner.post<RouteExplanation>(`${PATH}/explain`, {
      ...body,
      reply_to: ['a@example.com', 'b@example.com'],
    });
    api.sendgrid.capabilities = { ...capabilities, multipleReplyTo: true };
    expect(answer.body.connections[0]).toMatchObject({
      decision: 'passed over',
      reason: "can't carry it: sendgrid carries only one address (reply_to)",
    });
    expect(answer.body.connections[1]).toMatchObject({ decision: 'used' });
  });

  it('shows a test key where test mail goes', async () => {
    const box = await connect('Box', { provider: 'sandbox', api_key: undefined });
    await create({ name: 'All' });
    const key = await owner.post<{ raw_key: string }>('/api_keys', { name: 't', mode: 'test' });
    const answer = await api
      .caller(key.body.raw_key)
      .post<RouteExplanation>(`${PATH}/explain`, MAIL);
    expect(answer.body.rule).toBeNull();
    expect(answer.body.rules[0]?.reason).toBe(
      'it names no sandbox, and test mail goes nowhere else',
    );
    expect(answer.body.connections[0]).toMatchObject({ connection_id: box, decision: 'used' });
    expect(answer.body.connections[1]?.reason).toBe('test mail only goes to a sandbox');
  });

  it('refuses what could not be sent, and sends nothing', async () => {
    const answer = await owner.post(`${PATH}/explain`, { to: 'nobody', tag: 'x' });
    expect([...faultsOf(answer)].toSorted()).toEqual([
      'Unknown field: tag; did you mean tags?',
      'from_email is required',
      'to_email is not a valid email address: "nobody"',
    ]);
    await explain();
    expect((await owner.get('/emails')).body).toEqual([]);
  });

  it('says that nothing is connected', async () => {
    const empty = await api.signUp();
    const answer = await empty.post<RouteExplanation>(`${PATH}/explain`, MAIL);
    expect(answer.body).toMatchObject({ rule: null, connections: [] });
    expect(answer.body.waits).toContain('No provider connection');
  });
});

describe('mail that no connection can carry', () => {
  const EMAIL = { ...MAIL, subject: 'Hi', text: 'x' };
  const small = () => ({ ...api.sendgrid.capabilities, maxMessageBytes: 1_048_576 });
  const file = { filename: 'a.bin', content: Buffer.alloc(1_048_576).toString('base64') };
  const large = { ...EMAIL, attachments: [file] };

  it('is refused with the field and each provider', async () => {
    const before = [api.sendgrid.capabilities, api.smtp.capabilities] as const;
    api.sendgrid.capabilities = api.smtp.capabilities = small();
    const refused = await owner.post('/emails', large);
    const fits = await owner.post('/emails', EMAIL);
    api.smtp.capabilities = before[1];
    const carried = await owner.post('/emails', large);
    await create({ match: { tag: 'bulk' } });
    const routed = await owner.post('/emails', { ...large, tags: ['bulk'] });
    const unconnected = await (await api.signUp()).post('/emails', large);
    await owner.patch(`/provider_connections/${backup}`, { enabled: false });
    const disabled = await owner.post('/emails', large);
    api.sendgrid.capabilities = before[0];
    expect(faultsOf(refused)).toEqual([
      'attachments: sendgrid "Primary" carries at most 1 MB',
      'attachments: smtp "Backup" carries at most 1 MB',
    ]);
    expect(faultsOf(routed)).toEqual(['attachments: sendgrid "Primary" carries at most 1 MB']);
    expect(faultsOf(disabled)).toEqual(['attachments: sendgrid "Primary" carries at most 1 MB']);
    expect([fits.status, carried.status, unconnected.status]).toEqual([202, 202, 202]);
  });

  it('is still answered with the first mail of its key', async () => {
    const keyed = { ...large, metadata: { idempotency_key: 'once' } };
    const first = await owner.post<{ id: string }>('/emails', keyed);
    const before = [api.sendgrid.capabilities, api.smtp.capabilities] as const;
    api.sendgrid.capabilities = api.smtp.capabilities = small();
    const again = await owner.post<{ id: string }>('/emails', keyed);
    [api.sendgrid.capabilities, api.smtp.capabilities] = before;
    expect(again.status).toBe(202);
    expect(again.body.id).toBe(first.body.id);
  });
});
