import { describe, expect, it } from 'vitest';
import { describeReport } from '../../src/chaos/describe-report.ts';
import { runChaos } from '../../src/chaos/run-chaos.ts';

const KILLS = 30;
const SEED = Math.floor(Math.random() * 2 ** 31);

describe('chaos', () => {
  it(`loses nothing and explains every copy over ${KILLS} kills`, async () => {
    process.stdout.write(`chaos: seed ${SEED}\n`);
    const report = await runChaos({
      seed: SEED,
      kills: KILLS,
      seconds: 45,
      onProgress: (line) => process.stdout.write(`${line}\n`),
      signal: new AbortController().signal,
    });
    process.stdout.write(`${describeReport(report).join('\n')}\n`);
    const { figures, damage, isDrained, violations } = report;
    expect(violations, report.lastWords).toEqual([]);
    expect({ ...figures, isDrained }).toMatchObject({ lost: 0, unexplained: 0, isDrained: true });
    expect(damage.worker + damage.api + damage.database).toBeGreaterThanOrEqual(KILLS);
    expect(figures.accepted).toBeGreaterThan(KILLS);
    expect(figures.sent).toBeGreaterThan(0);
    const { accepted, unanswered, sent, failed, suppressed, held, queued } = figures;
    expect(accepted + unanswered).toBe(sent + failed + suppressed + held + queued);
  }, 600_000);
});
