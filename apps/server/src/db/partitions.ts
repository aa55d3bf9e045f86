import type pg from 'pg';
import { firstIdAt } from '../lib/ids.ts';

/** The tables that are split by the month their email was accepted in. */
export const PARTITIONED_TABLES = [
  'emails',
  'email_contents',
  'email_attachments',
  'email_states',
  'attempts',
  'email_events',
] as const;

/** Months made ahead: a node that is not restarted for that long still never needs the default. */
const MONTHS_AHEAD = 3;

type Queryable = Pick<pg.Client, 'query'>;

/** Makes this month's partitions and the coming ones'; does nothing where they exist. */
export async function ensurePartitions(client: Queryable, now: Date): Promise<void> {
  const months = Array.from(
    { length: MONTHS_AHEAD + 1 },
    (_, ahead) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)),
  );
  await ensureMonths(client, months);
}

/** The same for these months, each given by its first moment. */
export async function ensureMonths(client: Queryable, months: readonly Date[]): Promise<void> {
  const existing = await client.query<{ relname: string }>(
    `select relname from pg_class where relkind = 'r' and relname ~ '_y[0-9]{4}m[0-9]{2}$'`,
  );
  const names = new Set(existing.rows.map((row) => row.relname));
  for (const month of months) {
    for (const table of PARTITIONED_TABLES) {
      const name = partitionName(table, month);
      if (!names.has(name)) await createPartition(client, { table, name, month });
    }
  }
}

/** `emails_y2026m11` */
export function partitionName(table: string, month: Date): string {
  const mm = String(month.getUTCMonth() + 1).padStart(2, '0');
  return `${table}_y${month.getUTCFullYear()}m${mm}`;
}

async function createPartition(
  client: Queryable,
  { table, name, month }: { table: string; name: string; month: Date },
): Promise<void> {
  const next = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1));
  const [from, to] = [firstIdAt(month), firstIdAt(next)];
  const key = table === 'emails' ? 'id' : 'email_id';
  const early = await client.query(
    `select 1 from ${table}_default where ${key} >= $1 and ${key} < $2 limit 1`,
    [from, to],
  );
  // Names and bounds are made here, from dates: nothing of a caller's reaches these texts.
  const bounds = `for values from ('${from}') to ('${to}')`;
  if (early.rows.length === 0) {
    await client.query(`create table if not exists ${name} partition of ${table} ${bounds}`);
    return;
  }
  // Mail of a node whose clock was ahead: PostgreSQL makes no partition for rows that the default one
  // holds. Statements in one text are one transaction.
  await client.query(
    `create table ${name} (like ${table} including all);
     with moved as (
       delete from ${table}_default where ${key} >= '${from}' and ${key} < '${to}' returning *)
     insert into ${name} select * from moved;
     alter table ${table} attach partition ${name} ${bounds}`,
  );
}

/** Until when every mail table has its partition; null where one has none. */
export async function lastPartitionEnd(client: Queryable): Promise<Date | null> {
  const { rows } = await client.query<{ last: string }>(
    `select max(right(child.relname, 7)) as last
     from pg_inherits
     join pg_class child on child.oid = inhrelid
     join pg_class parent on parent.oid = inhparent
     where parent.relname = any($1) and parent.relnamespace = current_schema()::regnamespace
       and child.relname ~ '_y[0-9]{4}m[0-9]{2}$'
     group by parent.relname`,
    [[...PARTITIONED_TABLES]],
  );
  const [first] = rows.map(({ last }) => last).toSorted();
  if (first === undefined || rows.length < PARTITIONED_TABLES.length) return null;
  // `2026m11` ends where its next month begins.
  const [year = 0, month = 0] = first.split('m').map(Number);
  return new Date(Date.UTC(year, month, 1));
}
