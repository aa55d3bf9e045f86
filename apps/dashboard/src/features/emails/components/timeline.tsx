import type { EmailEvent } from '@courierx/contract';
import { toneOf, type Tone } from '../../../components/ui/badge.tsx';
import { cn } from '../../../lib/cn.ts';
import { formatDateTime, humanize } from '../../../lib/format.ts';

const DOTS: Readonly<Record<Tone, string>> = {
  good: 'bg-good',
  warn: 'bg-warn',
  bad: 'bg-bad',
  info: 'bg-info',
  plain: 'bg-muted',
};

export function Timeline({ events }: { readonly events: readonly EmailEvent[] }) {
  if (events.length === 0) return <p className="px-5 pb-5 text-muted">Nothing has happened yet.</p>;
  return (
    <ol className="px-6 pb-4">
      {events.map(({ id, event_type, occurred_at, recipient, provider, detail }) => (
        <li key={id} className="relative border-l pb-4 pl-5 last:border-transparent last:pb-0">
          <span
            aria-hidden
            className={cn(
              'absolute top-1.5 -left-[5px] size-2.5 rounded-full ring-4 ring-surface',
              DOTS[toneOf(event_type)],
            )}
          />
          <p className="flex flex-wrap justify-between gap-x-4">
            <span className="font-medium">{humanize(event_type)}</span>
            <time dateTime={occurred_at} className="text-[13px] text-muted">
              {formatDateTime(occurred_at)}
            </time>
          </p>
          <p className="text-[13px] break-words text-muted">
            {[recipient, provider === null ? null : humanize(provider), detail]
              .filter((part) => part !== null)
              .join(' · ')}
          </p>
        </li>
      ))}
    </ol>
  );
}
