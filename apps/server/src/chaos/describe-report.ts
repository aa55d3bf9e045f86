import type { ChaosReport } from './run-chaos.ts';

const SHOWN = 20;

/** Whether the law held, and nothing was left undone. */
export function isHeldUp({ figures, isDrained }: ChaosReport): boolean {
  return figures.lost === 0 && figures.unexplained === 0 && isDrained;
}

/** The figures as a table, then what broke the law. */
export function describeReport(report: ChaosReport): readonly string[] {
  const { figures, damage, violations, isDrained } = report;
  const rows: readonly (readonly [string, number])[] = [
    ['kill -9 of workers', damage.worker],
    ['kill -9 of api processes', damage.api],
    ['kill -9 of the database', damage.database],
    ['restarts of the database', damage.databaseRestarts],
    ['workers frozen past their lease', damage.freezes],
    ['faults of providers', damage.sinkFaults],
    ['accepted (202)', figures.accepted],
    ['stored, answer never arrived', figures.unanswered],
    ['sent', figures.sent],
    ['failed', figures.failed],
    ['suppressed', figures.suppressed],
    ['held', figures.held],
    ['queued', figures.queued],
    ['second copies, explained', figures.copiesExplained],
    ['lost', figures.lost],
    ['unexplained', figures.unexplained],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, count]) => `  ${name.padEnd(width)}  ${String(count).padStart(8)}`),
    ...violations
      .slice(0, SHOWN)
      .map(({ kind, emailId, words }) => `  ${kind.toUpperCase()} ${emailId}: ${words}`),
    ...(violations.length > SHOWN ? [`  … and ${violations.length - SHOWN} more`] : []),
    ...(isDrained ? [] : ['  NOT DRAINED: mail was still waiting at the end']),
  ];
}
