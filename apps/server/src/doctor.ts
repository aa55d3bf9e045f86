import { access, constants, mkdir, statfs } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import type { Check } from './cli/types.ts';
import { openRunningDatabase, type OpenedDatabase } from './open-database.ts';

const MIN_FREE_BYTES = 1024 ** 3;
const MAX_CLOCK_SKEW_MS = 1_000;
const OLD_MAIL_SECONDS = 300;

/** Looks at everything a server needs, also while one is running, and says what to do. */
export async function checkServer(config: Config, log: Logger): Promise<Check[]> {
  const checks: Check[] = [{ name: 'settings', status: 'ok', message: describe(config) }];
  if (config.databaseUrl === null) checks.push(await checkDisk(config.dataDir));
  const opened = await tryOpen(config, log);
  if ('message' in opened) return [...checks, opened];
  try {
    const { database } = opened;
    checks.push(await checkDatabase(database), await checkClock(database));
    if (await hasSchema(database)) {
      checks.push(await checkQueue(database), ...(await checkConnections(database)));
    }
    return checks;
  } finally {
    await opened.close();
  }
}

function describe(config: Config): string {
  const { role, host, port, databaseUrl, dataDir } = config;
  const database = databaseUrl === null ? `embedded in ${dataDir}` : 'DATABASE_URL';
  return `role ${role}, http://${host}:${port}, database ${database}`;
}

async function checkDisk(dataDir: string): Promise<Check> {
  const name = 'disk';
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    await access(dataDir, constants.W_OK);
    const { bavail, bsize } = await statfs(dataDir);
    const free = bavail * bsize;
    const message = `${(free / 1024 ** 3).toFixed(1)} GB free in ${dataDir}`;
    if (free >= MIN_FREE_BYTES) return { name, status: 'ok', message };
    return { name, status: 'warning', message: `${message}: make room before it is full` };
  } catch (error) {
    return failure(name, error, `Set COURIERX_DATA_DIR to a directory this user may write to.`);
  }
}

async function tryOpen(config: Config, log: Logger): Promise<OpenedDatabase | Check> {
  try {
    return await openRunningDatabase(config, log);
  } catch (error) {
    return failure('database', error, 'Check DATABASE_URL, or the log of the embedded database.');
  }
}

async function checkDatabase(database: Database): Promise<Check> {
  const name = 'database';
  try {
    const { rows } = await database.pool.query<{ version: string; fsync: string }>(
      `select current_setting('server_version') as version, current_setting('fsync') as fsync`,
    );
    const { version = '?', fsync = 'on' } = rows[0] ?? {};
    if (fsync !== 'on') {
      const message = `PostgreSQL ${version} runs with fsync off: a power cut loses accepted mail. Turn it on.`;
      return { name, status: 'failed', message };
    }
    if (Number.parseInt(version, 10) < 15) {
      return {
        name,
        status: 'failed',
        message: `PostgreSQL ${version}: version 15 or newer is needed`,
      };
    }
    const isMigrated = await hasSchema(database);
    const schema = isMigrated ? '' : ', no schema yet: it is made by "courierx start" or "migrate"';
    return {
      name,
      status: isMigrated ? 'ok' : 'warning',
      message: `PostgreSQL ${version}${schema}`,
    };
  } catch (error) {
    return failure(name, error, 'Start the database, or check DATABASE_URL.');
  }
}

async function hasSchema(database: Database): Promise<boolean> {
  try {
    const { rows } = await database.pool.query<{ found: boolean }>(
      `select to_regclass('queue') is not null as found`,
    );
    return rows[0]?.found ?? false;
  } catch {
    return false;
  }
}

async function checkClock(database: Database): Promise<Check> {
  const name = 'clock';
  try {
    const before = Date.now();
    const { rows } = await database.pool.query<{ now: Date }>('select clock_timestamp() as now');
    const after = Date.now();
    const skew = Math.round((rows[0]?.now.getTime() ?? after) - (before + after) / 2);
    const message = `${Math.abs(skew)} ms apart from the database's`;
    if (Math.abs(skew) <= MAX_CLOCK_SKEW_MS) return { name, status: 'ok', message };
    return { name, status: 'warning', message: `${message}: synchronise both with NTP` };
  } catch (error) {
    return failure(name, error, 'The database does not answer.');
  }
}

async function checkQueue(database: Database): Promise<Check> {
  const { rows } = await database.pool.query<{ depth: string; age: number | null }>(
    `select count(*) as depth,
            extract(epoch from now() - min(run_at) filter (where run_at <= now() and lease is null))::float8 as age
     from queue`,
  );
  const { depth = '0', age = null } = rows[0] ?? {};
  const message = `${depth} emails waiting${age === null ? '' : `, one due for ${Math.round(age)} s`}`;
  if ((age ?? 0) < OLD_MAIL_SECONDS) return { name: 'queue', status: 'ok', message };
  return { name: 'queue', status: 'warning', message: `${message}: is a worker running?` };
}

type ConnectionState = {
  account: string;
  name: string;
  provider: string;
  status: string;
  verification: string;
  isDisabled: boolean;
  pause: string | null;
};

async function checkConnections(database: Database): Promise<Check[]> {
  const { rows } = await database.pool.query<ConnectionState>(
    `select a.name as account, c.display_name as name, c.provider, c.status,
            c.verification_message as verification, c.disabled_at is not null as "isDisabled",
            case when c.paused_until > now() then c.pause_reason end as pause
     from connections c join accounts a on a.id = c.account_id
     order by a.created_at, c.priority limit 1000`,
  );
  if (rows.length === 0) {
    const message = 'none yet: connect a provider, or the sandbox, as docs/quickstart.md shows';
    return [{ name: 'connections', status: 'warning', message }];
  }
  return rows.map((row) => ({
    name: `connection ${row.account}/${row.name}`,
    status:
      row.isDisabled || row.status === 'verified'
        ? row.pause
          ? 'warning'
          : 'ok'
        : row.status === 'invalid'
          ? 'failed'
          : 'warning',
    message: `${row.provider}, ${row.isDisabled ? 'disabled' : row.status}${row.pause ? `, paused: ${row.pause}` : ''}${row.status === 'verified' ? '' : ` (${row.verification})`}`,
  }));
}

function failure(name: string, error: unknown, hint: string): Check {
  const message = error instanceof Error ? error.message : String(error);
  return { name, status: 'failed', message: `${message}. ${hint}` };
}
