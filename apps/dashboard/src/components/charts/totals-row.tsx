import type { UsageRates } from '@courierx/contract';
import { formatNumber, formatPercent } from '../../lib/format.ts';
import { Card } from '../ui/card.tsx';
import { Skeleton } from '../ui/states.tsx';
import { SERIES, type Day } from './series.ts';

type Figures = { readonly totals: Omit<Day, 'date'>; readonly rates: UsageRates };

/** What became of all the mail of a period. */
export function TotalsRow({ figures }: { readonly figures: Figures | undefined }) {
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 xl:grid-cols-6">
      {SERIES.map(({ key, name, of, colour }) => (
        <Card key={key} className="px-4 py-3.5">
          <p className="flex items-center gap-2 text-muted">
            <span className="size-2 rounded-full" style={{ background: colour }} aria-hidden />
            {name}
          </p>
          {figures === undefined ? (
            <Skeleton className="mt-1 h-[3.1rem] w-20" />
          ) : (
            <>
              <p className="mt-1 text-2xl font-semibold tabular-nums">
                {formatNumber(figures.totals[key])}
              </p>
              <p className="text-xs text-muted">
                {key === 'sent' ? of : `${formatPercent(figures.rates[key])} ${of}`}
              </p>
            </>
          )}
        </Card>
      ))}
    </div>
  );
}
