import type { ProviderName } from '@courierx/contract';
import { openSecrets, openWebhookSecret } from '../db/connection-secrets.ts';
import type { Connection } from '../providers/connection.ts';
import type { EventsDeps } from './deps.ts';

/** A connection as its webhook needs it. */
export type WebhookConnection = {
  readonly connection: Connection;
  readonly provider: ProviderName;
  readonly secret: string | null;
};

type Key = { readonly token: string } | { readonly accountId: string; readonly id: string };

/** By the token of its webhook URL, or by its id. Null where there is none. */
export async function findConnection(
  deps: EventsDeps,
  key: Key,
): Promise<WebhookConnection | null> {
  const all = deps.database.kysely
    .selectFrom('connections as c')
    .innerJoin('accounts as a', 'a.id', 'c.accountId')
    .selectAll('c')
    .select(['a.dataKey', 'a.dataKeyMaster']);
  const row = await (
    'token' in key
      ? all.where('c.webhookToken', '=', key.token)
      : all.where('c.accountId', '=', key.accountId).where('c.id', '=', key.id)
  ).executeTakeFirst();
  if (!row) return null;
  const owner = {
    accountId: row.accountId,
    connectionId: row.id,
    dataKey: { wrapped: row.dataKey, master: row.dataKeyMaster },
  };
  return {
    provider: row.provider,
    secret:
      row.webhookSecret === null ? null : openWebhookSecret(deps.keyring, owner, row.webhookSecret),
    connection: {
      id: row.id,
      accountId: row.accountId,
      version: row.version,
      settings: row.settings,
      secrets: openSecrets(deps.keyring, owner, row.secrets),
    },
  };
}
