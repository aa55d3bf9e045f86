import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CourierX } from '../../../../packages/sdk/src/index.ts';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { createApiFixture, PASSWORD, type ApiFixture } from '../support/api-fixture.ts';

/** What a program with a key has no use for, and why. */
const NOT_FOR_PROGRAMS: Readonly<Record<string, string>> = {
  register: 'people sign up, in the dashboard or by one call',
  login: 'programs have keys',
  receiveProviderWebhook: 'called by providers',
  getLiveness: 'called by probes',
  getReadiness: 'called by probes',
  getMetrics: 'called by Prometheus',
  createSession: 'for browsers',
  getSession: 'for browsers',
  deleteSession: 'for browsers',
  streamChanges: 'for a page that is looked at; programs have webhooks',
  previewEmail: 'for a frame in a page',
  getRawEmail: 'for people who look into a mail',
  getQueue: 'for a page that is looked at',
  listSandboxMessages: 'for people who look into the inbox',
  getSandboxMessage: 'for people who look into the inbox',
};

const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 's', text: 't' };
const HOOK = { url: 'https://hooks.example.com' };

/** Every other operation, by the call that makes it. */
const CALLS: Readonly<Record<string, (courierx: CourierX) => PromiseLike<unknown>>> = {
  getAccount: ({ account }) => account.get(),
  updateAccount: ({ account }) => account.update({ name: 'A' }),
  deleteAccount: ({ account }) => account.delete({ password: 'p' }),
  getDashboardMetrics: ({ analytics }) => analytics.metrics({ period: '7d' }),
  listUsageStats: ({ analytics }) => analytics.usage(),
  sendEmail: ({ emails }) => emails.send(MAIL),
  listEmails: ({ emails }) => emails.list(),
  getEmail: ({ emails }) => emails.get('id'),
  releaseEmail: ({ emails }) => emails.release('id', { action: 'resend' }),
  createApiKey: ({ apiKeys }) => apiKeys.create({ name: 'k' }),
  listApiKeys: ({ apiKeys }) => apiKeys.list(),
  revokeApiKey: ({ apiKeys }) => apiKeys.revoke('id'),
  deleteApiKey: ({ apiKeys }) => apiKeys.delete('id'),
  createProviderConnection: ({ providerConnections: all }) => all.create({ provider: 'sandbox' }),
  listProviderConnections: ({ providerConnections: all }) => all.list(),
  getProviderConnection: ({ providerConnections: all }) => all.get('id'),
  updateProviderConnection: ({ providerConnections: all }) => all.update('id', { priority: 1 }),
  verifyProviderConnection: ({ providerConnections: all }) => all.verify('id'),
  listProviderConnectionUsage: ({ providerConnections: all }) => all.usage(),
  setUpProviderWebhook: ({ providerConnections: all }) => all.setupWebhook('id'),
  reorderProviderConnections: ({ providerConnections: all }) => all.reorder(['id']),
  deleteProviderConnection: ({ providerConnections: all }) => all.delete('id'),
  createRoutingRule: ({ routingRules }) => routingRules.create({ name: 'r', connections: [] }),
  listRoutingRules: ({ routingRules }) => routingRules.list(),
  getRoutingRule: ({ routingRules }) => routingRules.get('id'),
  updateRoutingRule: ({ routingRules }) => routingRules.update('id', { enabled: false }),
  reorderRoutingRules: ({ routingRules }) => routingRules.reorder(['id']),
  deleteRoutingRule: ({ routingRules }) => routingRules.delete('id'),
  explainRoute: ({ routingRules }) => routingRules.explain(MAIL),
  addDomain: ({ domains }) => domains.create({ domain: 'example.com' }),
  listDomains: ({ domains }) => domains.list(),
  getDomain: ({ domains }) => domains.get('id'),
  verifyDomain: ({ domains }) => domains.verify('id'),
  deleteDomain: ({ domains }) => domains.delete('id'),
  listAuditLog: ({ auditLog }) => auditLog.list(),
  addSuppression: ({ suppressions }) => suppressions.add({ email: 'a@example.com' }),
  listSuppressions: ({ suppressions }) => suppressions.list(),
  countSuppressions: ({ suppressions }) => suppressions.counts(),
  importSuppressions: ({ suppressions }) => suppressions.import('a@example.com'),
  exportSuppressions: ({ suppressions }) => suppressions.exportFile(),
  deleteSuppressionsOf: ({ suppressions }) => suppressions.deleteAddress({ email: 'a@b.co' }),
  deleteSuppression: ({ suppressions }) => suppressions.delete('id'),
  createWebhookEndpoint: ({ webhookEndpoints }) => webhookEndpoints.create(HOOK),
  listWebhookEndpoints: ({ webhookEndpoints }) => webhookEndpoints.list(),
  getWebhookEndpoint: ({ webhookEndpoints }) => webhookEndpoints.get('id'),
  updateWebhookEndpoint: ({ webhookEndpoints }) => webhookEndpoints.update('id', HOOK),
  deleteWebhookEndpoint: ({ webhookEndpoints }) => webhookEndpoints.delete('id'),
  rotateWebhookSecret: ({ webhookEndpoints }) => webhookEndpoints.rotateSecret('id'),
  testWebhookEndpoint: ({ webhookEndpoints }) => webhookEndpoints.test('id'),
  replayWebhooks: ({ webhookEndpoints }) => webhookEndpoints.replay('id', { missed: true }),
  listWebhookDeliveries: ({ webhookEndpoints }) => webhookEndpoints.deliveries('id'),
  getWebhookDelivery: ({ webhookEndpoints }) => webhookEndpoints.getDelivery('id', 'two'),
  replayWebhookDelivery: ({ webhookEndpoints }) => webhookEndpoints.replayDelivery('id', 'two'),
};

describe('the SDK', () => {
  it.each(Object.entries(OPERATIONS).filter(([, { id }]) => !(id in NOT_FOR_PROGRAMS)))(
    'has a method for %s',
    async (operation, { id }) => {
      const made: string[] = [];
      const courierx = new CourierX({
        apiKey: 'cxk_live_key',
        fetch: (input, init) => {
          const { method, url } = new Request(input, init);
          made.push(`${method} ${new URL(url).pathname}`);
          return Promise.resolve(Response.json(id.startsWith('list') ? [] : { account: {} }));
        },
      });
      await CALLS[id]?.(courierx);

      const path = operation.replace(':id', 'id').replace(':delivery_id', 'two');
      expect(made, `no call of the SDK for ${id}`).toEqual([path]);
    },
  );

  it('has no other exceptions than those that are', () => {
    const ids = Object.values(OPERATIONS).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(Object.keys({ ...NOT_FOR_PROGRAMS, ...CALLS })));
  });
});

describe('over the API', () => {
  let api: ApiFixture;
  let courierx: CourierX;
  beforeAll(async () => {
    api = await createApiFixture({ dnsServers: ['127.0.0.1:9'], dnsTimeoutMs: 100 });
    const baseUrl = await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { token } = await api.signUp();
    courierx = new CourierX({ apiKey: token ?? '', baseUrl });
  });
  afterAll(() => api.close());

  it('a list of suppressions goes in, is counted, comes out whole, and goes', async () => {
    const entries = Array.from({ length: 3_000 }, (_, index) => `user${index}@example.com`);
    const dated = {
      email: '*@example.net',
      note: 'a "quoted", note',
      expiresAt: '2999-01-01T00:00:00Z',
    };
    const { suppressions } = courierx;
    expect(
      await suppressions.import([...entries, dated, 'nobody'], { reason: 'complaint' }),
    ).toMatchObject({
      ...{ done: true, lines: 3_002, imported: 3_001, failed: 1 },
      errors: [{ line: 3_002 }],
    });
    expect(await suppressions.import('email,reason\nada@example.org,bounce\n')).toMatchObject({
      imported: 1,
    });
    expect(await suppressions.counts()).toMatchObject({
      total: 3_002,
      byReason: { complaint: 3_001, bounce: 1, manual: 0 },
    });

    const found: string[] = [];
    for await (const { email } of suppressions.export({ reason: 'complaint' })) found.push(email);
    expect(found.toSorted()).toEqual([...entries, '*@example.net'].toSorted());
    for await (const one of suppressions.export({ domain: 'example.net' })) {
      expect(one).toMatchObject({ note: dated.note, reason: 'complaint' });
      break;
    }
    const csv = await new Response(await suppressions.exportFile({ reason: 'bounce' })).text();
    expect(csv).toMatch(/^email,reason,.*\r?\nada@example\.org,bounce,/);

    await suppressions.deleteAddress({ email: 'ada@example.org', reason: 'bounce' });
    expect((await suppressions.list({ domain: 'example.org' })).total).toBe(0);
  });

  it('a file is told to be none before it is read', async () => {
    const stream = courierx.suppressions.exportFile({ reason: 'no' as 'bounce' });
    await expect(stream).rejects.toMatchObject({ name: 'ValidationError', status: 422 });
  });

  it('domains, settings and the log of both', async () => {
    const domain = await courierx.domains.create({ domain: 'Mail.YourApp.com' });
    expect(domain).toMatchObject({ domain: 'mail.yourapp.com', status: 'pending' });
    expect(domain.verificationToken).toMatch(/^dns_/);
    const looked = await courierx.domains.verify(domain.id);
    expect(looked.verification?.status).toBe('unreachable');
    await courierx.domains.delete(domain.id);
    expect(await courierx.account.update({ retentionDays: 30 })).toMatchObject({
      retentionDays: 30,
    });

    const actions: string[] = [];
    for await (const { action } of courierx.auditLog.list({ perPage: 2 })) actions.push(action);
    expect(actions.slice(0, 3)).toEqual(['account.updated', 'domain.deleted', 'domain.created']);
    await courierx.account.delete({ password: PASSWORD });
    await expect(courierx.account.get()).rejects.toMatchObject({ status: 401 });
  });
});
