import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startEmbeddedServer } from '../apps/server/src/db/embedded/server.ts';
import { migrate } from '../apps/server/src/db/migrate.ts';
import { onCleanUp, makeDataDir } from './processes.ts';

export type BenchDatabase = {
  readonly pool: pg.Pool;
  /** For a server on it. */
  readonly env: Record<string, string>;
  stop(): Promise<void>;
};

/** A database that the benchmark fills itself, and a server may then be started on. */
export async function startDatabase(): Promise<BenchDatabase> {
  const server = await startEmbeddedServer({ dataDir: await makeDataDir() });
  const { host, port, user, database } = server.connection;
  const pool = new pg.Pool({ ...server.connection, ssl: false, max: 8 });
  // The server's end, not ours to report.
  pool.on('error', () => undefined);
  await migrate({ ...server.connection, ssl: false });
  let isOver = false;
  const stop = async () => {
    if (isOver) return;
    isOver = true;
    await pool.end();
    await server.stop();
  };
  onCleanUp(stop);
  return {
    pool,
    env: {
      DATABASE_URL: `postgresql://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
      COURIERX_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
      COURIERX_JWT_SECRET: randomBytes(32).toString('base64'),
    },
    stop,
  };
}

/** What rows are made for mails that the benchmark puts there itself. */
export type Seeding = {
  readonly accountId: string;
  readonly amount: number;
  /** Their place in time: `1 minute` puts the oldest a minute back. */
  readonly spread: string;
  /** Where the youngest of them is, back from now; that month must have its partitions. */
  readonly ago?: string;
  /** `queued` mails have a place in the queue. */
  readonly status: 'queued' | 'delivered';
};

/** Puts mails into the tables by one statement a hundred thousand, as accepting would have. */
export async function seedEmails(pool: pg.Pool, seeding: Seeding): Promise<void> {
  const { accountId, amount, spread, ago = '0', status } = seeding;
  const step = 100_000;
  for (let from = 0; from < amount; from += step) {
    const count = Math.min(step, amount - from);
    await pool.query(SEED, [accountId, count, spread, amount, from, status, ago]);
  }
  await pool.query('analyze emails, email_contents, email_states, queue');
}

const SEED = `
with fresh as materialized (
  select uuidv7(-back) as id, now() - back as at
  from generate_series(1, $2::int) n,
       lateral (select $7::interval + (($5::int + n)::float8 / $4::int) * $3::interval as back) b
),
insert_emails as (
  insert into emails (account_id, id, mode, message_id, from_email, reply_to, recipients,
                      recipient_search, subject, tags, metadata, deadline, created_at)
  select $1::uuid, id, 'live', '<' || id || '@bench.example>', 'hello@yourapp.example', '[]',
         '[{"type":"to","address":"user@example.com","name":null}]', 'user@example.com',
         'Your order has been shipped', '{order}', '{}', at + interval '24 hours', at
  from fresh
),
insert_contents as (
  insert into email_contents (account_id, email_id, html, text, headers)
  select $1::uuid, id, '<p>It is on its way.</p>', null, '[]' from fresh
),
insert_states as (
  insert into email_states (account_id, email_id, status, recipient_statuses, updated_at)
  select $1::uuid, id, $6::text, array[$6::text], at from fresh
)
insert into queue (account_id, email_id, run_at, deadline)
select $1::uuid, id, now(), now() + interval '24 hours' from fresh where $6 = 'queued'`;

/** A bare account, for what needs no key. */
export async function seedAccount(pool: pg.Pool): Promise<string> {
  const result = await pool.query<{ id: string }>(
    `insert into accounts (id, name, email, password_hash, data_key, data_key_master)
     values (uuidv7(), 'bench', gen_random_uuid() || '@example.com', '', '', '') returning id`,
  );
  return result.rows[0]?.id ?? '';
}
