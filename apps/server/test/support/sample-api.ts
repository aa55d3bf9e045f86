import type { ProviderWebhooks } from '../../src/providers/webhooks.ts';
import { startFakeDns } from '../fakes/dns.ts';
import { createApiFixture, PASSWORD, type SignedUp } from './api-fixture.ts';
import {
  describeApi,
  type DescribedApi,
  type DescribedOperation,
  type RawAnswer,
} from './described-api.ts';

export type SampleApi = Awaited<ReturnType<typeof createSampleApi>>;

/** An account with one of everything, by the collection it is in, as paths name it. */
export type World = {
  readonly owner: SignedUp;
  readonly ids: Readonly<Record<string, string>>;
  readonly token: string;
};

/** A call of one operation, as a client would make it. */
export type SampleCall = {
  readonly method: DescribedOperation['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload?: string;
};

/** Takes everything for genuine but what says that it is forged. */
const WEBHOOKS: ProviderWebhooks = {
  checkSecret: () => [],
  verify: ({ body }) =>
    Promise.resolve(
      body.includes('forged')
        ? { kind: 'forged', message: 'The signature does not match' }
        : { kind: 'genuine', replayKey: null },
    ),
  read: () => [],
  setup: () => Promise.resolve({ kind: 'updated', message: 'As it should be', secret: null }),
};

/** The production app with its description, where every operation can be called with success. */
export async function createSampleApi() {
  const dns = await startFakeDns();
  const api = await createApiFixture({ dnsServers: [dns.address], dnsTimeoutMs: 200 });
  Object.assign(api.sendgrid, { webhooks: WEBHOOKS });
  const described: DescribedApi = await describeApi(api.app);
  return {
    ...api,
    ...described,
    createWorld: () => createWorld(api),
    operation(id: string): DescribedOperation {
      const found = described.operations.find((operation) => operation.id === id);
      if (!found) throw new Error(`There is no operation ${id}`);
      return found;
    },
    async perform(call: SampleCall, token: string | null): Promise<RawAnswer> {
      const { method, url, headers, payload } = call;
      return api.app.inject({
        ...{ method, url },
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...headers },
        ...(payload !== undefined && { payload }),
      });
    },
    async close() {
      await api.close();
      await dns.close();
    },
  };
}

async function createWorld(api: Awaited<ReturnType<typeof createApiFixture>>): Promise<World> {
  const owner = await api.signUp({ name: 'Private' });
  const make = async <T extends { id: string }>(path: string, body: unknown): Promise<T> => {
    const answer = await owner.post<T>(path, body);
    if (answer.status >= 300) throw new Error(answer.text);
    return answer.body;
  };
  const connection = await make<{ id: string; webhook_url: string }>('/provider_connections', {
    ...{ provider: 'sendgrid', display_name: 'private', api_key: 'SG.private-key-of-some-length' },
    webhook_secret: 'private-secret',
  });
  const rule = await make('/routing_rules', {
    name: 'private',
    connections: [{ connection_id: connection.id }],
  });
  const email = await make('/emails', {
    ...{
      from: 'a@example.com',
      to: 'private@example.com',
      subject: 'Private',
      text: 'x',
      html: '<p>x</p>',
    },
    metadata: { idempotency_key: 'k' },
    tags: ['private'],
  });
  const hook = await make('/webhook_endpoints', { url: 'https://private.example.com' });
  const ids = {
    emails: email.id,
    api_keys: (await make('/api_keys', { name: 'private' })).id,
    provider_connections: connection.id,
    suppressions: (await make('/suppressions', { email: 'private@example.net' })).id,
    routing_rules: rule.id,
    domains: (await make('/domains', { domain: `private.${owner.accountId}.com` })).id,
    webhook_endpoints: hook.id,
    deliveries: (await make(`/webhook_endpoints/${hook.id}/test`, {})).id,
    messages: email.id,
  };
  await holdEmail(api, owner, ids);
  await keepInSandbox(api, owner, ids);
  const token = new URL(connection.webhook_url).pathname.split('/').at(-1) ?? '';
  return { owner, ids, token };
}

/** As a worker leaves a mail that may have been sent, of an account that decides by itself. */
async function holdEmail(
  { database }: Awaited<ReturnType<typeof createApiFixture>>,
  owner: SignedUp,
  ids: World['ids'],
): Promise<void> {
  await owner.patch('/auth/me', { on_unknown: 'hold' });
  await database.pool.query(
    `insert into attempts (account_id, email_id, number, connection_id, connection_name, provider,
                           lease, trace, outcome, reason, started_at, finished_at)
     values ($1, $2, 1, $3, 'private', 'sendgrid', gen_random_uuid(), '{used}', 'unknown',
             'response_timeout', now(), now())`,
    [owner.accountId, ids['emails'], ids['provider_connections']],
  );
}

/** A mail that the sandbox took. */
async function keepInSandbox(
  { database }: Awaited<ReturnType<typeof createApiFixture>>,
  owner: SignedUp,
  ids: World['ids'],
): Promise<void> {
  const message = {
    ...{
      messageId: 'x@courierx',
      from: { address: 'a@example.com', name: null },
      subject: 'Private',
    },
    ...{ to: [{ address: 'private@example.com', name: null }], cc: [], bcc: [], replyTo: [] },
    ...{ recipients: ['private@example.com'], text: 'x', html: null, headers: [], attachments: [] },
    ...{ tags: [], metadata: {} },
  };
  await database.pool.query(
    `insert into sandbox_messages (account_id, email_id, connection_id, attempt_number, message)
     values ($1, $2, $3, 1, $4)`,
    [owner.accountId, ids['emails'], ids['provider_connections'], JSON.stringify(message)],
  );
}

type Part = {
  body?: unknown;
  query?: string;
  payload?: string;
  type?: string;
  headers?: Readonly<Record<string, string>>;
};

const FROM_OUR_PAGE = { 'x-courierx-csrf': '1' };

/** Goes on until somebody leaves: stream.test.ts is about it. */
export const ENDLESS: readonly string[] = ['streamChanges'];

/** Where the description's own example can not serve, or there is none. */
const PARTS: Readonly<Record<string, (world: World) => Part>> = {
  register: () => ({
    body: {
      ...{ name: 'Ada', email: `${crypto.randomUUID()}@example.com` },
      ...{ password: PASSWORD, password_confirmation: PASSWORD },
    },
  }),
  login: ({ owner: { email } }) => ({ body: { email, password: PASSWORD } }),
  createSession: ({ owner: { email } }) => ({
    body: { email, password: PASSWORD },
    headers: FROM_OUR_PAGE,
  }),
  deleteSession: () => ({ headers: FROM_OUR_PAGE }),
  deleteAccount: () => ({ body: { password: PASSWORD } }),
  createRoutingRule: ({ ids }) => ({
    body: {
      ...{ name: 'News', match: { tag: 'news' }, strategy: 'weighted' },
      connections: [{ connection_id: ids['provider_connections'], weight: 70 }],
    },
  }),
  reorderProviderConnections: ({ ids }) => ({ body: { ids: [ids['provider_connections']] } }),
  reorderRoutingRules: ({ ids }) => ({ body: { ids: [ids['routing_rules']] } }),
  deleteSuppressionsOf: () => ({ query: '?email=private@example.net' }),
  importSuppressions: () => ({ payload: 'email\nada@example.org\n', type: 'text/csv' }),
  receiveProviderWebhook: () => ({ payload: '[]', type: 'application/json' }),
};

/** A call that succeeds, once: the description's example, of the world's own things. */
export function sampleCall(operation: DescribedOperation, world: World): SampleCall {
  const part = PARTS[operation.id]?.(world) ?? {};
  const body = part.body ?? operation.example;
  const payload = part.payload ?? (body === undefined ? undefined : JSON.stringify(body));
  return {
    method: operation.method,
    url: `${pathOf(operation, world)}${part.query ?? ''}`,
    headers: {
      ...part.headers,
      ...(payload !== undefined && { 'content-type': part.type ?? 'application/json' }),
    },
    ...(payload !== undefined && { payload }),
  };
}

/** The path with the world's ids. Throws where the world has nothing of the kind: then add it. */
export function pathOf({ id, path }: DescribedOperation, world: World): string {
  const known: Readonly<Record<string, string>> = { provider: 'sendgrid', token: world.token };
  return path
    .replaceAll(/(\w+)\/\{(\w+)\}/g, (_match, collection: string, name: string) => {
      const value = world.ids[collection] ?? known[name];
      if (value === undefined) throw new Error(`sample-api.ts has no ${name} for ${id}: ${path}`);
      return `${collection}/${value}`;
    })
    .replaceAll(/\{(\w+)\}/g, (_match, name: string) => known[name] ?? `{${name}}`);
}
