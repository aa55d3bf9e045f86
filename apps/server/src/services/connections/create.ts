import type { CreateProviderConnectionRequest, ProviderConnection } from '@courierx/contract';
import { sql } from 'kysely';
import { sealSecrets, sealWebhookSecret, type SecretOwner } from '../../db/connection-secrets.ts';
import { randomToken } from '../../lib/crypto.ts';
import { newId } from '../../lib/ids.ts';
import type { Provider, VerificationResult } from '../../providers/provider.ts';
import { wakeWaiting } from '../../queue/wake-waiting.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { invalid, unauthorized } from '../service-error.ts';
import {
  checkCredentials,
  checkDisplayName,
  hintOf,
  mergeCredentials,
  type Credentials,
} from './credentials.ts';
import { findConnection } from './rows.ts';
import { toWire } from './to-wire.ts';
import { askProvider, nextVerificationAt } from './verification.ts';

export type CreateConnectionInput = {
  readonly body: CreateProviderConnectionRequest;
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
  { body, baseUrl }: CreateConnectionInput,
): Promise<ProviderConnection> {
  requirePermission(principal, 'write');
  const provider = deps.providers.get(body.provider);
  if (!provider) throw invalid(`provider ${body.provider} is not available in this version`);
  const credentials = mergeCredentials({ settings: {}, secrets: {} }, body);
  const faults = [...checkCredentials(provider, credentials)];
  faults.push(...checkDisplayName(body.display_name));
  if (faults.length > 0) throw invalid(faults);
  const id = newId();
  const connection = { id, accountId: principal.accountId, version: 1, ...credentials };
  const result = await askProvider(provider, connection);
  if (result.status === 'failed') throw invalid(`Credentials were refused: ${result.message}`);
  await store(deps, { body, provider, connection, result });
  return toWire(await findConnection(deps.database.kysely, principal.accountId, id), baseUrl);
}

type NewConnection = {
  readonly body: CreateProviderConnectionRequest;
  readonly provider: Provider;
  readonly connection: Credentials & { id: string; accountId: string };
  readonly result: VerificationResult;
};

async function store(deps: ServiceDeps, made: NewConnection): Promise<void> {
  const { body, provider, connection, result } = made;
  const { id, accountId, settings, secrets } = connection;
  const owner = await loadOwner(deps, accountId, id);
  const now = deps.now();
  const isVerified = result.status === 'verified';
  await deps.database.kysely
    .insertInto('connections')
    .values({
      accountId,
      id,
      provider: provider.name,
      displayName: body.display_name?.trim() ?? TITLES[provider.name],
      priority:
        body.priority ??
        sql<number>`(select coalesce(max(priority), 0) + 1 from connections where account_id = ${accountId})`,
      status: isVerified ? 'verified' : 'unverified',
      verificationStatus: result.status,
      verificationMessage: result.message,
      verifiedAt: isVerified ? now : null,
      nextVerificationAt: isVerified ? null : nextVerificationAt(0, now),
      settings: JSON.stringify(settings),
      secrets:
        Object.keys(secrets).length > 0 ? sealSecrets(deps.keyring, owner, { ...secrets }) : null,
      secretsHint: hintOf(secrets),
      webhookToken: randomToken(32),
      webhookSecret:
        typeof body.webhook_secret === 'string'
          ? sealWebhookSecret(deps.keyring, owner, body.webhook_secret)
          : null,
      pauseReason: null,
      disabledAt: body.enabled === false ? now : null,
    })
    .execute();
  await wakeWaiting(deps.database.pool, accountId);
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
