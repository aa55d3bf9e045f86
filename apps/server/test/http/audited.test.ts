import type { AuditEntry } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { PASSWORD } from '../support/api-fixture.ts';
import { createSampleApi, sampleCall, type SampleApi } from '../support/sample-api.ts';

let api: SampleApi;
beforeAll(async () => {
  api = await createSampleApi();
});
afterAll(() => api.close());

/** What changes nothing that somebody would ask after: mail is its own record, as is the log. */
const UNRECORDED = new Set([
  ...[
    'login',
    'createSession',
    'deleteSession',
    'sendEmail',
    'explainRoute',
    'receiveProviderWebhook',
  ],
  // They ask, and keep the answer.
  ...['verifyProviderConnection', 'verifyDomain'],
  ...['testWebhookEndpoint', 'replayWebhooks', 'replayWebhookDelivery'],
  // Recorded where it changes something: the secret. provider-webhooks.test.ts
  'setUpProviderWebhook',
  // Nobody is left to read it.
  'deleteAccount',
]);

const changing = Object.entries(OPERATIONS).filter(
  ([call, { id }]) => !call.startsWith('GET ') && !UNRECORDED.has(id),
);

describe('the audit log has what', () => {
  it.each(changing)('%s does, and no secret', async (_call, { id }) => {
    const world = await api.createWorld();
    const { owner } = world;
    const entries = async (token: string) =>
      (await api.caller(token).get<AuditEntry[]>('/audit_log?per_page=100')).body;
    const before = await entries(owner.token ?? '');
    const answer = await api.perform(sampleCall(api.operation(id), world), owner.token);
    expect(answer.statusCode, answer.body).toBeLessThan(300);
    const made = answer.body === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
    const isNew = id === 'register';
    const after = await entries(isNew ? String(made['token']) : (owner.token ?? ''));

    expect(after.length).toBeGreaterThan(isNew ? 0 : before.length);
    const text = JSON.stringify(after);
    const secrets = ['raw_key', 'secret', 'token'].map((name) => made[name]);
    for (const secret of [
      'private-key',
      'private-secret',
      'your-sendgrid-key',
      PASSWORD,
      ...secrets,
    ]) {
      if (typeof secret === 'string') expect(text).not.toContain(secret);
    }
  });

  it('webhook endpoints and routing rules went through', async () => {
    const { owner, ids } = await api.createWorld();
    const [rule, hook] = [
      `/routing_rules/${ids['routing_rules']}`,
      `/webhook_endpoints/${ids['webhook_endpoints']}`,
    ];
    await owner.patch(rule, { enabled: false, position: 7 });
    await owner.patch(rule, { connections: [] });
    await owner.delete(rule);
    await owner.patch(hook, { url: 'https://hooks.example.com/in?token=hush', enabled: false });
    await owner.post(`${hook}/rotate_secret`);
    await owner.delete(hook);

    const { body } = await owner.get<AuditEntry[]>('/audit_log?per_page=5');
    expect(body.map(({ action, detail }) => [action, detail])).toEqual([
      ['webhook_endpoint.deleted', { host: 'hooks.example.com', description: null }],
      ['webhook_endpoint.secret_rotated', { host: 'hooks.example.com', description: null }],
      [
        'webhook_endpoint.updated',
        { host: 'hooks.example.com', description: null, changed: ['url', 'enabled'] },
      ],
      ['routing_rule.deleted', { name: 'private' }],
      ['routing_rule.updated', { name: 'private', changed: ['enabled', 'position'] }],
    ]);
    expect(body.map(({ subject_id: subject }) => subject)).toEqual([
      ...Array<unknown>(3).fill(ids['webhook_endpoints']),
      ...Array<unknown>(2).fill(ids['routing_rules']),
    ]);
  });
});
