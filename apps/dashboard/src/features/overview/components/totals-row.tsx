import type { Metrics } from '@courierx/contract';
import { Card } from '../../../components/ui/card.tsx';
import { Skeleton } from '../../../components/ui/states.tsx';
import { formatNumber, formatPercent } from '../../../lib/format.ts';
import { SERIES } from './series.ts';

export function TotalsRow({ metrics }: { readonly metrics: Metrics | undefined }) {
  return (
    <div className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
      {SERIES.map(({ key, name, of, colour }) => (
        <Card key={key} className="px-4 py-3.5">
          <p className="flex items-center gap-2 text-muted">
            <span className="size-2 rounded-full" style={{ background: colour }} aria-hidden />
            {name}
          </p>
          {metrics === undefined ? (
            <Skeleton className="mt-2 h-8 w-20" />
          ) : (
            <>
              <p className="mt-1 text-2xl font-semibold tabular-nums">
                {formatNumber(metrics.totals[key])}
              </p>
              <p className="text-[13px] text-muted">
                {key === 'sent' ? of : `${formatPercent(metrics.rates[key])} ${of}`}
              </p>
            </>
          )}
        </Card>
      ))}
    </div>
  );
}
