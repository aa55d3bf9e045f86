import { Suspense, useState } from 'react';
import { lazyComponent } from '../../lib/load-code.ts';
import { Card, CardHeader } from '../ui/card.tsx';
import { Skeleton } from '../ui/states.tsx';
import { DailyTable } from './daily-table.tsx';
import { SERIES, type Day } from './series.ts';

const DailyChart = lazyComponent(async () => (await import('./daily-chart.tsx')).DailyChart);

/** Days as a chart, whose lines can be left out, and as a table. */
export function DailyCard({ daily }: { readonly daily: readonly Day[] }) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = SERIES.filter(({ key }) => !hidden.has(key));
  const toggle = (key: string) => {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    setHidden(next);
  };
  return (
    <Card>
      <CardHeader title="By day" about="Recipients, by day of UTC." />
      <div role="group" aria-label="Lines shown" className="flex flex-wrap gap-x-1 px-3 pb-2">
        {SERIES.map(({ key, name, colour }) => (
          <button
            key={key}
            type="button"
            aria-pressed={!hidden.has(key)}
            onClick={() => toggle(key)}
            className="flex items-center gap-2 rounded-md px-2 py-1 text-[13px] text-muted hover:bg-sunken aria-[pressed=false]:line-through"
          >
            <span
              className="size-2 rounded-full"
              style={{ background: hidden.has(key) ? 'var(--line)' : colour }}
              aria-hidden
            />
            {name}
          </button>
        ))}
      </div>
      <div className="h-72 px-2 pb-3">
        <Suspense fallback={<Skeleton className="mx-3 h-full" />}>
          <DailyChart daily={daily} series={shown} />
        </Suspense>
      </div>
      <details className="border-t">
        <summary className="cursor-pointer px-5 py-3 font-medium text-muted">As a table</summary>
        <DailyTable daily={daily} series={SERIES} />
      </details>
    </Card>
  );
}
