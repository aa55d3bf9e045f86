import type pg from 'pg';
import type { SuppressionReason } from '@courierx/contract';
import { newId } from '../../lib/ids.ts';

/** One entry to be on the list. */
export type NewSuppression = {
  /** As {@link suppressionKey} gives it. */
  readonly address: string;
  readonly reason: SuppressionReason;
  readonly note: string | null;
  /** JSON. */
  readonly evidence: string | null;
  readonly expiresAt: Date | null;
  /** Null: now. */
  readonly createdAt: Date | null;
};

/**
 * Puts many entries on an account's list in one statement. What is there already is kept: its note
 * and evidence are replaced where others are given, and it never ends sooner than it would have. No
 * two entries of a batch may have the same address and reason. They are taken in one order, so that
 * two batches can't wait for each other.
 */
export async function upsertSuppressions(
  client: Pick<pg.Pool, 'query'>,
  accountId: string,
  entries: readonly NewSuppression[],
): Promise<{ inserted: number; updated: number }> {
  const result = await client.query<{ inserted: boolean }>(SQL, [
    accountId,
    entries.map(({ address }) => address),
    entries.map(({ reason }) => reason),
    entries.map(() => newId()),
    entries.map(({ note }) => note),
    entries.map(({ evidence }) => evidence),
    entries.map(({ expiresAt }) => expiresAt),
    entries.map(({ createdAt }) => createdAt),
  ]);
  const inserted = result.rows.filter((row) => row.inserted).length;
  return { inserted, updated: result.rows.length - inserted };
}

const SQL = `
insert into suppressions as s (account_id, address, reason, id, note, evidence, expires_at, created_at)
select $1, address, reason, id, note, evidence::jsonb, expires_at, coalesce(created_at, now())
from unnest($2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::timestamptz[],
            $8::timestamptz[])
  as t(address, reason, id, note, evidence, expires_at, created_at)
order by address, reason
on conflict (account_id, address, reason) do update
  set note = coalesce(excluded.note, s.note),
      evidence = coalesce(excluded.evidence, s.evidence),
      expires_at = case when excluded.expires_at > s.expires_at then excluded.expires_at
                        when excluded.expires_at is null then null
                        else s.expires_at end
  where excluded.note is not null and excluded.note is distinct from s.note
     or excluded.evidence is not null and excluded.evidence is distinct from s.evidence
     or s.expires_at is not null
        and (excluded.expires_at is null or excluded.expires_at > s.expires_at)
returning xmax = 0 as inserted`;
