import { sql, type Kysely, type Selectable } from 'kysely';
import { openSecrets, type SecretOwner } from '../../db/connection-secrets.ts';
import type { ConnectionsTable, Tables } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';
import type { Keyring } from '../../lib/keyring.ts';
import type { Connection } from '../../providers/connection.ts';
import { notFound } from '../service-error.ts';

/** A breaker that is not closed; times as PostgreSQL writes them in JSON. */
export type StoredBreaker = {
  readonly receiver: string;
  readonly state: 'open' | 'half_open';
  readonly reason: string;
  readonly since: string;
  readonly nextProbeAt: string;
};

/** A column of connections: what stands between them and their mail. */
export const breakersColumn = sql<StoredBreaker[]>`array(
  select jsonb_build_object('receiver', b.receiver, 'state', b.state, 'reason', b.reason,
                            'since', b.since, 'nextProbeAt', b.next_probe_at)
  from connection_breakers b
  where b.account_id = connections.account_id and b.connection_id = connections.id
    and b.state <> 'closed'
  order by b.since, b.receiver)`.as('breakers');

/** A connection with the key that opens its secrets. */
export type ConnectionRow = Selectable<ConnectionsTable> & {
  readonly breakers: readonly StoredBreaker[];
  readonly dataKey: Buffer;
  readonly dataKeyMaster: string;
};

export function selectConnections(kysely: Kysely<Tables>) {
  return kysely
    .selectFrom('connections')
    .innerJoin('accounts', 'accounts.id', 'connections.accountId')
    .selectAll('connections')
    .select(['accounts.dataKey', 'accounts.dataKeyMaster'])
    .select(breakersColumn);
}

/** Throws `not_found` also for another account's. */
export async function findConnection(
  kysely: Kysely<Tables>,
  accountId: string,
  id: string,
): Promise<ConnectionRow> {
  if (!isId(id)) throw notFound();
  const row = await selectConnections(kysely)
    .where('connections.accountId', '=', accountId)
    .where('connections.id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound();
  return row;
}

export function ownerOf(row: ConnectionRow): SecretOwner {
  return {
    accountId: row.accountId,
    connectionId: row.id,
    dataKey: { wrapped: row.dataKey, master: row.dataKeyMaster },
  };
}

export function toProviderConnection(keyring: Keyring, row: ConnectionRow): Connection {
  return {
    id: row.id,
    accountId: row.accountId,
    version: row.version,
    settings: row.settings,
    secrets: openSecrets(keyring, ownerOf(row), row.secrets),
  };
}
