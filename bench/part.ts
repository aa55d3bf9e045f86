import type { Report } from './report.ts';

/** What a part of the benchmark is given. */
export type PartContext = {
  readonly report: Report;
  /** Smaller amounts: for trying it out, not for figures. */
  readonly isQuick: boolean;
};

/** One part: measures, and adds its figures to the report. */
export type Part = (context: PartContext) => Promise<void>;
