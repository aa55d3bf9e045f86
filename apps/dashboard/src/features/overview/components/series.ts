/** What the overview tells of, in its order and its colours. */
export const SERIES = [
  { key: 'sent', name: 'Sent', of: 'recipients', colour: 'var(--accent)' },
  { key: 'delivered', name: 'Delivered', of: 'of sent', colour: 'var(--good)' },
  { key: 'bounced', name: 'Bounced', of: 'of sent', colour: 'var(--bad)' },
  { key: 'complained', name: 'Complained', of: 'of delivered', colour: 'var(--warn)' },
  { key: 'opened', name: 'Opened', of: 'of delivered', colour: 'light-dark(#0e7490, #22d3ee)' },
] as const;

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A day of UTC, short. */
export const formatDay = (date: string) => day.format(new Date(`${date}T00:00:00Z`));
