import { applyRetention } from '../../apps/server/src/services/retention/run.ts';
import { openDatabase } from '../../apps/server/src/db/database.ts';
import { ensurePartitions } from '../../apps/server/src/db/partitions.ts';
import { signUp } from '../api.ts';
import { seedEmails, startDatabase } from '../database.ts';
import { runLoad } from '../load.ts';
import type { PartContext } from '../part.ts';
import { startCourierx } from '../processes.ts';
import { progress, whole } from '../report.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** With its whole month past the 30 days that are kept. */
const AGE_DAYS = 65;

/** Letting go of a month of mail, while mail is accepted. */
export async function benchRetention({ report, isQuick }: PartContext): Promise<void> {
  const amount = isQuick ? 100_000 : 1_000_000;
  const database = await startDatabase();
  const server = await startCourierx({ ...database.env, COURIERX_ROLE: 'api' });
  const { accountId, token } = await signUp(server.url);
  progress(`retention: storing ${whole(amount)} mails of an old month`);
  const then = new Date(Date.now() - AGE_DAYS * DAY_MS);
  await ensurePartitions(database.pool, then);
  await seedEmails(database.pool, {
    ...{ accountId, amount, status: 'delivered' },
    ...{ spread: '1 minute', ago: `${AGE_DAYS} days` },
  });
  await database.pool.query('update accounts set retention_days = 30');
  const own = openDatabase({
    connection: { connectionString: database.env['DATABASE_URL'] ?? '' },
    maxConnections: 2,
    onIdleError: () => undefined,
  });
  const load = runLoad({ url: server.url, token, seconds: 5 });
  const startedAt = performance.now();
  const { partitions } = await applyRetention({
    database: own,
    now: () => new Date(),
  } as Parameters<typeof applyRetention>[0]);
  const seconds = (performance.now() - startedAt) / 1000;
  const { not202, p99Ms } = await load;
  report.faults += not202;
  report.add(`a month of ${whole(amount)} mails dropped`, `${seconds.toFixed(1)} s`, {
    text: '< 5 s',
    isMet: partitions.includes(partitionOf(then)) && seconds < 5,
  });
  report.add('  accepting meanwhile, p99', `${p99Ms} ms`);
  await own.close();
  await server.stop();
  await database.stop();
}

function partitionOf(time: Date): string {
  const [year, month] = time.toISOString().split('-');
  return `emails_y${year}m${month}`;
}
