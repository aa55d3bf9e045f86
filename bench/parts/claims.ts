import type pg from 'pg';
import { newId } from '../../apps/server/src/lib/ids.ts';
import { claimEmails } from '../../apps/server/src/queue/claim-emails.ts';
import { releaseLeases } from '../../apps/server/src/queue/release-leases.ts';
import { seedAccount, seedEmails, startDatabase } from '../database.ts';
import type { PartContext } from '../part.ts';
import { median, progress, whole } from '../report.ts';

const FIRST = '00000000-0000-0000-0000-000000000000';

/** What it costs to claim 64 mails, with more and more waiting. */
export async function benchClaims({ report, isQuick }: PartContext): Promise<void> {
  const database = await startDatabase();
  const accountId = await seedAccount(database.pool);
  const sizes = isQuick ? [1_000, 100_000] : [1_000, 100_000, 1_000_000];
  const costs: number[] = [];
  let waiting = 0;
  for (const size of sizes) {
    progress(`claims: ${whole(size)} waiting`);
    await seedEmails(database.pool, {
      accountId,
      amount: size - waiting,
      spread: '1 minute',
      status: 'queued',
    });
    waiting = size;
    await database.pool.query('vacuum queue');
    await time(database.pool, 50);
    const cost = median(await time(database.pool, 300));
    costs.push(cost);
    report.add(`claim 64 of ${whole(size)} waiting`, `${cost.toFixed(2)} ms`);
  }
  const ratio = Math.max(...costs) / Math.min(...costs);
  report.add('  worst to best', ratio.toFixed(2), { text: '≤ 1.25', isMet: ratio <= 1.25 });
  await database.stop();
}

async function time(pool: pg.Pool, rounds: number): Promise<number[]> {
  const waits: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const { claims } = await claimEmails(pool, {
      lease: newId(),
      leaseMs: 60_000,
      limit: 64,
      perAccount: 64,
      atMost: new Map(),
      inHand: [],
      afterAccount: FIRST,
    });
    waits.push(performance.now() - startedAt);
    if (claims.length !== 64) throw new Error(`claimed ${claims.length} mails instead of 64`);
    await releaseLeases(pool, claims);
  }
  return waits;
}
