import type { UsageStat } from '@courierx/contract';
import { COUNTS } from '../../../lib/usage.ts';

/** What is shown, a line for each day and provider; `none` where no provider was asked. */
export function toCsv(stats: readonly UsageStat[]): string {
  const header = ['date', 'provider', ...COUNTS];
  const lines = stats.map((stat) => [
    stat.date,
    stat.provider ?? 'none',
    ...COUNTS.map((count) => stat[count]),
  ]);
  return [header, ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

/** Hands a file to the browser's downloads. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
