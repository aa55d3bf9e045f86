import type pg from 'pg';
import { inTransaction } from '../../db/in-transaction.ts';
import { PARTITIONED_TABLES } from '../../db/partitions.ts';
import { firstIdAt } from '../../lib/ids.ts';

const CONTENT_TABLES: readonly string[] = ['email_contents', 'email_attachments'];
/** A drop waits for what is under way, and all that comes waits for the drop: not for long. */
const LOCK_TIMEOUT = '2s';

/**
 * Drops the months that are past every account's retention: contents by theirs, the rest by that of
 * emails. Where one account keeps for ever, nothing is dropped; its rows are in every month.
 * Returns the tables that are gone.
 */
export async function dropOldPartitions(pool: pg.Pool, now: Date): Promise<string[]> {
  const { emails, contents } = await findLimits(pool);
  const dropped: string[] = [];
  for (const { table, name, month } of await findPartitions(pool)) {
    const days = CONTENT_TABLES.includes(table) ? contents : emails;
    if (days === null) continue;
    const end = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
    if (end.getTime() > now.getTime() - days * DAY_MS) continue;
    if (await dropPartition(pool, { name, from: month, to: end })) dropped.push(name);
  }
  return dropped;
}

const DAY_MS = 24 * 60 * 60 * 1000;

type Limits = { readonly emails: number | null; readonly contents: number | null };

/** The longest of all accounts, in days; null where one keeps for ever, or there is none. */
async function findLimits(pool: pg.Pool): Promise<Limits> {
  const result = await pool.query<Limits>(
    `select case when bool_and(retention_days is not null) then max(retention_days) end as emails,
            case when bool_and(coalesce(content_retention_days, retention_days) is not null)
                 then max(least(content_retention_days, retention_days)) end as contents
     from accounts where deleted_at is null`,
  );
  return result.rows[0] ?? { emails: null, contents: null };
}

type Partition = { readonly table: string; readonly name: string; readonly month: Date };

async function findPartitions(pool: pg.Pool): Promise<Partition[]> {
  const result = await pool.query<{ table: string; name: string; year: string; month: string }>(
    `select parent.relname as table, child.relname as name, m[1] as year, m[2] as month
     from pg_inherits i
     join pg_class parent on parent.oid = i.inhparent
     join pg_class child on child.oid = i.inhrelid
     cross join lateral regexp_match(child.relname, '_y([0-9]{4})m([0-9]{2})$') as m
     where parent.relname = any($1) and m is not null
       and parent.relnamespace = current_schema()::regnamespace
     order by child.relname`,
    [[...PARTITIONED_TABLES]],
  );
  return result.rows.map(({ table, name, year, month }) => ({
    table,
    name,
    month: new Date(Date.UTC(Number(year), Number(month) - 1, 1)),
  }));
}

/** False where mail of that month is still to be sent, or a long query is in the way: next time. */
async function dropPartition(
  pool: pg.Pool,
  { name, from, to }: { name: string; from: Date; to: Date },
): Promise<boolean> {
  try {
    return await inTransaction(pool, async (client) => {
      await client.query(`set local lock_timeout = '${LOCK_TIMEOUT}'`);
      const waiting = await client.query(
        'select 1 from queue where email_id >= $1 and email_id < $2 limit 1',
        [firstIdAt(from), firstIdAt(to)],
      );
      const isFree = waiting.rows.length === 0;
      // The name was matched against ours, from the catalog.
      if (isFree) await client.query(`drop table ${name}`);
      return isFree;
    });
  } catch (error) {
    if ((error as { code?: string }).code === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}

const LOCK_NOT_AVAILABLE = '55P03';
