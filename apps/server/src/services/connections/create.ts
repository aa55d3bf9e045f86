import type { CreateProviderConnectionRequest, ProviderConnection } from '@courierx/contract';
import { sql } from 'kysely';
import { sealSecrets, sealWebhookSecret, type SecretOwner } from '../../db/connection-secrets.ts';
import { clientOf } from '../../db/database.ts';
import { randomToken } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import type { Provider, VerificationResult } from '../../providers/provider.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { recordChange } from '../audit/record.ts';
import { checkLine, requireSound, type Checked } from '../checked.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { requireRoom } from '../require-room.ts';
import { invalid, unauthorized } from '../service-error.ts';
import { capColumns } from './caps.ts';
import {
  checkCredentials,
  checkWebhookSecret,
  hintOf,
  mergeCredentials,
  type Credentials,
} from './credentials.ts';
import { findConnection } from './rows.ts';
import { toWire } from './to-wire.ts';
import { askProvider, learnedColumns, nextVerificationAt } from './verification.ts';

export type CreateConnectionInput = {
  readonly body: Checked<CreateProviderConnectionRequest>;
  /** Where this server is reached from outside. */
  readonly baseUrl: string;
};

/**
 * Connects a provider. It is asked first: where it says no, nothing is stored; where it can't be
 * asked, the connection is stored `unverified`, usable, and asked again later.
 */
export async function createConnection(
  deps: ServiceDeps,
  principal: Principal,
  input: CreateConnectionInput,
): Promise<ProviderConnection> {
  requirePermission(principal, 'write');
  const { sound, unsound } = input.body;
  const name = sound.provider;
  const provider = name && deps.providers.get(name);
  const credentials = mergeCredentials({ settings: {}, secrets: {} }, sound);
  const body = requireSound(input.body, [
    ...checkLine(sound.display_name, 'display_name'),
    ...(name && !provider ? [`provider ${name} is not available in this version`] : []),
    ...(provider ? checkCredentials(provider, credentials, unsound) : []),
    ...checkWebhookSecret(provider, sound.webhook_secret),
  ]);
  // Without a provider there is a fault, which has just been thrown.
  if (!provider) throw invalid('Provider is required');
  await requireRoom(deps.database.kysely, 'connections', principal.accountId);
  const id = newId();
  const connection = { id, accountId: principal.accountId, version: 1, ...credentials };
  const result = await askProvider(provider, connection);
  if (result.status === 'failed') throw invalid(`Credentials were refused: ${result.message}`);
  await store(deps, { principal, body, provider, connection, result });
  const row = await findConnection(deps.database.kysely, principal.accountId, id);
  return toWire(row, { baseUrl: input.baseUrl, now: deps.now() });
}

type NewConnection = {
  readonly principal: Principal;
  readonly body: CreateProviderConnectionRequest;
  readonly provider: Provider;
  readonly connection: Credentials & { id: string; accountId: string };
  readonly result: VerificationResult;
};

async function store(deps: ServiceDeps, made: NewConnection): Promise<void> {
  const { id, accountId } = made.connection;
  const owner = await loadOwner(deps, accountId, id);
  const columns = { ...plainColumns(deps, made), ...sealedColumns(deps, owner, made) };
  await deps.database.kysely.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('connections')
      .values({ accountId, id, ...columns })
      .execute();
    await recordChange(transaction, made.principal, {
      action: 'provider_connection.created',
      subjectId: id,
      detail: { provider: made.provider.name, display_name: columns.displayName },
    });
    await wakeWaiting(clientOf(transaction), accountId);
  });
}

function plainColumns(deps: ServiceDeps, { body, provider, connection, result }: NewConnection) {
  const now = deps.now();
  const isVerified = result.status === 'verified';
  const next = sql<number>`(select coalesce(max(priority), 0) + 1 from connections
    where account_id = ${connection.accountId})`;
  return {
    provider: provider.name,
    displayName: body.display_name?.trim() ?? TITLES[provider.name],
    priority: body.priority ?? next,
    status: isVerified ? ('verified' as const) : ('unverified' as const),
    verificationStatus: result.status,
    verificationMessage: result.message,
    verifiedAt: isVerified ? now : null,
    nextVerificationAt: isVerified ? null : nextVerificationAt(0, now),
    pauseReason: null,
    disabledAt: body.enabled === false ? now : null,
    ...capColumns(body),
    ...learnedColumns(result),
  };
}

function sealedColumns(
  { keyring }: ServiceDeps,
  owner: SecretOwner,
  { body: { webhook_secret: webhookSecret }, connection }: NewConnection,
) {
  const { settings, secrets } = connection;
  const hasSecrets = Object.keys(secrets).length > 0;
  return {
    settings: JSON.stringify(settings),
    secrets: hasSecrets ? sealSecrets(keyring, owner, { ...secrets }) : null,
    secretsHint: hintOf(secrets),
    webhookToken: randomToken(32),
    webhookSecret:
      typeof webhookSecret === 'string' ? sealWebhookSecret(keyring, owner, webhookSecret) : null,
  };
}

const TITLES: Readonly<Record<Provider['name'], string>> = {
  sendgrid: 'SendGrid',
  aws_ses: 'Amazon SES',
  mailgun: 'Mailgun',
  postmark: 'Postmark',
  resend: 'Resend',
  smtp: 'SMTP',
  sandbox: 'Sandbox',
};

async function loadOwner(
  deps: ServiceDeps,
  accountId: string,
  connectionId: string,
): Promise<SecretOwner> {
  const row = await deps.database.kysely
    .selectFrom('accounts')
    .select(['dataKey', 'dataKeyMaster'])
    .where('id', '=', accountId)
    .executeTakeFirst();
  if (!row) throw unauthorized();
  return { accountId, connectionId, dataKey: { wrapped: row.dataKey, master: row.dataKeyMaster } };
}
