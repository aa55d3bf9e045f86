import type { DnsRecord, Domain, ProviderName } from '@courierx/contract';
import type { Kysely, Selectable } from 'kysely';
import type { DomainsTable, Tables } from '../../db/types.ts';
import { isId } from '../../lib/ids.ts';
import { notFound } from '../service-error.ts';
import { adviseRecords, NOT_LOOKED_YET } from './advise.ts';
import { tokenNameOf } from './name.ts';

export type DomainRow = Selectable<DomainsTable>;

/** Throws `not_found` also for another account's. */
export async function findDomain(
  kysely: Kysely<Tables>,
  accountId: string,
  id: string,
): Promise<DomainRow> {
  if (!isId(id)) throw notFound();
  const row = await kysely
    .selectFrom('domains')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound();
  return row;
}

/** The providers an account sends through, each once. */
export async function findProviders(
  kysely: Kysely<Tables>,
  accountId: string,
): Promise<ProviderName[]> {
  const rows = await kysely
    .selectFrom('connections')
    .select('provider')
    .distinct()
    .where('accountId', '=', accountId)
    .where('disabledAt', 'is', null)
    .orderBy('provider')
    .execute();
  return rows.map(({ provider }) => provider);
}

/** The domain with what to publish for these providers, as far as it was looked up shown so. */
export function toWire(row: DomainRow, providers: readonly ProviderName[]): Domain {
  const seen = new Map(row.advice.map((record) => [keyOf(record), record]));
  const advised = adviseRecords(row.domain, providers).map(
    (record) => seen.get(keyOf(record)) ?? record,
  );
  const { checkStatus, checkMessage } = row;
  return {
    id: row.id,
    domain: row.domain,
    status: row.status,
    verification_token: row.verificationToken,
    verified_at: row.verifiedAt?.toISOString() ?? null,
    verification:
      checkStatus === null ? null : { status: checkStatus, message: checkMessage ?? '' },
    checked_at: row.checkedAt?.toISOString() ?? null,
    next_check_at: row.nextCheckAt.toISOString(),
    dns_records: [ownershipRecord(row, seen), ...advised],
    created_at: row.createdAt.toISOString(),
  };
}

const STATUSES = { found: 'found', missing: 'missing', unreachable: 'unknown' } as const;

function ownershipRecord(row: DomainRow, seen: ReadonlyMap<string, DnsRecord>): DnsRecord {
  const record: DnsRecord = {
    purpose: 'ownership',
    providers: [],
    type: 'TXT',
    name: tokenNameOf(row.domain),
    value: row.verificationToken,
    status: row.checkStatus === null ? 'unknown' : STATUSES[row.checkStatus],
    found: [],
    message: row.checkMessage ?? NOT_LOOKED_YET,
  };
  return { ...record, found: seen.get(keyOf(record))?.found ?? [] };
}

/** Advice for other providers than today's is no longer to the point. */
function keyOf({ purpose, name, type, providers }: DnsRecord): string {
  return [purpose, type, name, ...providers].join(' ');
}
