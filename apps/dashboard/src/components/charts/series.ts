import type { UsageCounts } from '@courierx/contract';

/** The figures of one day, in UTC. */
export type Day = { readonly date: string } & Omit<UsageCounts, 'accepted'>;

/** What charts and totals tell of, in its order and its colours. */
export const SERIES = [
  { key: 'sent', name: 'Sent', of: 'recipients', colour: 'var(--accent)' },
  { key: 'delivered', name: 'Delivered', of: 'of sent', colour: 'var(--good)' },
  { key: 'bounced', name: 'Bounced', of: 'of sent', colour: 'var(--bad)' },
  { key: 'complained', name: 'Complained', of: 'of delivered', colour: 'var(--warn)' },
  { key: 'opened', name: 'Opened', of: 'of delivered', colour: 'light-dark(#0e7490, #22d3ee)' },
  { key: 'clicked', name: 'Clicked', of: 'of delivered', colour: 'light-dark(#86198f, #e879f9)' },
] as const;

export type Serie = (typeof SERIES)[number];

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A day of UTC, short. */
export const formatDay = (date: string) => day.format(new Date(`${date}T00:00:00Z`));
