import type pg from 'pg';
import type { TableShape } from './format.ts';

type Queryable = Pick<pg.Client, 'query'>;

/** Made by migrations themselves, on both sides. */
const LEFT_OUT = ['migrations'];
/** Mail is due as soon as it stands here, so everything else must be there before. */
const LAST = 'queue';

type Row = TableShape & { readonly parents: readonly string[] };

/** Our tables as the catalogue has them, each after those it refers to; partitions by their parent. */
export async function listTables(client: Queryable): Promise<TableShape[]> {
  const { rows } = await client.query<Row>(
    `select c.relname::text as name,
            array(select a.attname::text from pg_attribute a
                  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                    and a.attgenerated = ''
                  order by a.attnum) as columns,
            array(select f.relname::text from pg_constraint k join pg_class f on f.oid = k.confrelid
                  where k.conrelid = c.oid and k.contype = 'f' and f.oid <> c.oid) as parents
     from pg_class c
     where c.relnamespace = current_schema()::regnamespace
       and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname <> all($1::text[])
     order by c.relname = $2, c.relname`,
    [LEFT_OUT, LAST],
  );
  return sortByParents(rows).map(({ name, columns }) => ({ name, columns }));
}

function sortByParents(rows: readonly Row[]): Row[] {
  const sorted: Row[] = [];
  const byName = new Map(rows.map((row) => [row.name, row]));
  const visited = new Set<string>();
  const visit = (row: Row) => {
    if (visited.has(row.name)) return;
    visited.add(row.name);
    for (const parent of row.parents) {
      const found = byName.get(parent);
      if (found) visit(found);
    }
    sorted.push(row);
  };
  rows.forEach(visit);
  return sorted;
}

/** In order. */
export async function listMigrations(client: Queryable): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select name from migrations order by name',
  );
  return rows.map(({ name }) => name);
}

/** Whether CourierX processes are connected to this database. */
export async function isInUse(client: Queryable): Promise<boolean> {
  const { rows } = await client.query(
    `select 1 from pg_stat_activity
     where datname = current_database() and application_name in ('courierx', 'courierx-listen')
     limit 1`,
  );
  return rows.length > 0;
}
