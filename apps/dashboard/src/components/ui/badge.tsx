import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';
import { humanize } from '../../lib/format.ts';

const TONES = {
  good: 'bg-good-soft text-good',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-bad-soft text-bad',
  info: 'bg-info-soft text-info',
  plain: 'bg-sunken text-muted',
} as const;
export type Tone = keyof typeof TONES;

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={cn(
        'inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        TONES[tone],
      )}
    >
      <span className="size-1.5 rounded-full bg-current" aria-hidden />
      {children}
    </span>
  );
}

const TONE_OF: Readonly<Record<string, Tone>> = {
  ...tones(
    'good',
    'delivered verified healthy active opened clicked accepted found hearing succeeded enabled',
  ),
  ...tones('info', 'sent queued processed recovering waiting accepted_by_provider'),
  ...tones(
    'warn',
    'pending deferred throttled degraded half-open unverified unknown different silent',
  ),
  ...tones('bad', 'bounced failed complained rejected invalid down open missing'),
};

/** A word of the API's as a coloured label. */
export function StatusBadge({ status }: { readonly status: string }) {
  return <Badge tone={TONE_OF[status] ?? 'plain'}>{humanize(status)}</Badge>;
}

export const toneOf = (status: string): Tone => TONE_OF[status] ?? 'plain';

function tones(tone: Tone, words: string): Record<string, Tone> {
  return Object.fromEntries(words.split(' ').map((word) => [word, tone]));
}
