import { randomBytes } from 'node:crypto';
import pino from 'pino';
import type {
  ApiKeyMode,
  CreateRoutingRuleRequest,
  ProviderName,
  SendEmailRequest,
} from '@courierx/contract';
import { sealWebhookSecret } from '../../src/db/connection-secrets.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import {
  DEFAULT_DISPATCH_SETTINGS,
  type DispatchMetrics,
  type DispatchSettings,
} from '../../src/dispatch/deps.ts';
import { createRouteExplainer } from '../../src/dispatch/explain.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { newId } from '../../src/lib/ids.ts';
import { createDnsResolver } from '../../src/lib/dns-resolver.ts';
import { createKeyring } from '../../src/lib/keyring.ts';
import type { Provider } from '../../src/providers/provider.ts';
import { createAcceptor } from '../../src/services/emails/accept.ts';
import { getEmail } from '../../src/services/emails/get.ts';
import { releaseEmail } from '../../src/services/emails/release.ts';
import { sendEmail } from '../../src/services/emails/send.ts';
import { createRoutingRule } from '../../src/services/routing-rules/create.ts';
import { deleteRoutingRule } from '../../src/services/routing-rules/delete.ts';
import type { Principal } from '../../src/services/context.ts';
import { createTestDatabase } from './database.ts';
import { ScriptedProvider } from './scripted-provider.ts';

export type MailFixture = Awaited<ReturnType<typeof createMailFixture>>;

/** A database with the services that take mail in and dispatchers that send it on. */
export async function createMailFixture() {
  const testDatabase = await createTestDatabase();
  const database = openDatabase({
    connection: testDatabase.connection,
    maxConnections: 10,
    onIdleError: () => undefined,
  });
  const keyring = createKeyring([randomBytes(32)]);
  const smtp = new ScriptedProvider('smtp');
  const sandbox = new ScriptedProvider('sandbox');
  const providers = new Map<ProviderName, Provider>([
    ['smtp', smtp],
    ['sandbox', sandbox],
  ]);
  const dispatchers: Dispatcher[] = [];
  const deps = {
    database,
    keyring,
    providers,
    jwtSecret: randomBytes(32),
    dns: createDnsResolver({ servers: [], timeoutMs: 2_000, tries: 1, totalMs: 20_000 }),
    now: () => new Date(),
    explainRoute: createRouteExplainer({ database, keyring, providers }),
    acceptor: createAcceptor({
      database,
      onQueued: () => dispatchers.forEach((dispatcher) => dispatcher.wake()),
      // As in a process that is both: its own worker, not every worker.
      handOver: { reserve: (emails) => dispatchers[0]?.reserve(emails) ?? null },
    }),
  };

  function startDispatcher(settings: Partial<DispatchSettings> = {}): Dispatcher {
    const dispatcher = new Dispatcher({
      database,
      keyring,
      providers,
      log: pino({ level: 'silent' }),
      random: Math.random,
      settings: { ...DEFAULT_DISPATCH_SETTINGS, ...settings },
      metrics: NO_METRICS,
    });
    dispatcher.start();
    dispatchers.push(dispatcher);
    return dispatcher;
  }

  return {
    ...deps,
    smtp,
    sandbox,
    startDispatcher,
    createAccount: (over: AccountOptions = {}) => createAccount(database, keyring, over),
    addConnection: (accountId: string, over: ConnectionOptions = {}) =>
      addConnection(database, accountId, over),
    /** A connection whose provider signs its reports with this secret. */
    async addHearingConnection(accountId: string, secret: string): Promise<string> {
      const connectionId = await addConnection(database, accountId, {});
      const { dataKey: wrapped, dataKeyMaster: master } = await database.kysely
        .selectFrom('accounts')
        .select(['dataKey', 'dataKeyMaster'])
        .where('id', '=', accountId)
        .executeTakeFirstOrThrow();
      const owner = { accountId, connectionId, dataKey: { wrapped, master } };
      await database.kysely
        .updateTable('connections')
        .set({ webhookSecret: sealWebhookSecret(keyring, owner, secret) })
        .where('id', '=', connectionId)
        .execute();
      return connectionId;
    },
    async send(accountId: string, body: Partial<SendEmailRequest> = {}, mode: ApiKeyMode = 'live') {
      const result = await sendEmail(deps, principalOf(accountId, mode), {
        body: { ...SIMPLE, ...body },
        schemaFaults: [],
        idempotencyKey: null,
      });
      return result.email;
    },
    createRule(accountId: string, rule: Partial<CreateRoutingRuleRequest>) {
      const body = { sound: { name: 'Rule', ...rule }, faults: [], unsound: new Set<string>() };
      return createRoutingRule(deps, principalOf(accountId), body);
    },
    deleteRule: (accountId: string, id: string) =>
      deleteRoutingRule(deps, principalOf(accountId), id),
    release: (accountId: string, id: string, action: 'resend' | 'give_up') =>
      releaseEmail(deps, principalOf(accountId), { id, action }),
    get: (accountId: string, id: string) => getEmail(deps, principalOf(accountId), id),
    async close() {
      await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop(5_000)));
      await database.close();
      await testDatabase.drop();
    },
  };
}

const NO_METRICS: DispatchMetrics = {
  attempt: () => undefined,
  breakerMoved: () => undefined,
  paced: () => undefined,
  settled: () => undefined,
};

export const SIMPLE: SendEmailRequest = {
  from: 'hello@yourapp.test',
  to: 'user@example.com',
  subject: 'Hello',
  text: 'It works',
};

export function principalOf(accountId: string, mode: ApiKeyMode = 'live'): Principal {
  return { accountId, mode, role: 'full', apiKeyId: null, domain: null };
}

type AccountOptions = {
  onUnknown?: 'fail_over' | 'hold' | 'resend';
  onAuthFailure?: 'stop' | 'fail_over';
  deadlineSeconds?: number;
};

async function createAccount(
  database: Database,
  keyring: ReturnType<typeof createKeyring>,
  over: AccountOptions,
): Promise<string> {
  const id = newId();
  const dataKey = keyring.createDataKey(id);
  await database.kysely
    .insertInto('accounts')
    .values({
      id,
      name: 'Test',
      email: `${id}@example.com`,
      passwordHash: 'none',
      rateLimitPerMinute: null,
      dataKey: dataKey.wrapped,
      dataKeyMaster: dataKey.master,
      ...over,
    })
    .execute();
  return id;
}

type ConnectionOptions = {
  provider?: ProviderName;
  priority?: number;
  displayName?: string;
  maxPerSecond?: number;
  maxPerDay?: number;
  maxPerMonth?: number;
  keepWarmPercent?: number;
};

async function addConnection(
  database: Database,
  accountId: string,
  over: ConnectionOptions,
): Promise<string> {
  const id = newId();
  await database.kysely
    .insertInto('connections')
    .values({
      accountId,
      id,
      provider: 'smtp',
      displayName: `Connection ${over.priority ?? 1}`,
      priority: 1,
      status: 'verified',
      verificationStatus: 'verified',
      verificationMessage: '',
      settings: '{}',
      secrets: null,
      secretsHint: null,
      webhookToken: id,
      webhookSecret: null,
      pauseReason: null,
      ...over,
    })
    .execute();
  return id;
}
