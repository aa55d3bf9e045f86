import { useQuery } from '@tanstack/react-query';
import { ChartNoAxesColumn, Download } from 'lucide-react';
import { DailyCard } from '../../../components/charts/daily-card.tsx';
import { ProvidersCard } from '../../../components/charts/providers-card.tsx';
import { TotalsRow } from '../../../components/charts/totals-row.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card, PageHeader } from '../../../components/ui/card.tsx';
import { Choice } from '../../../components/ui/choice.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { ratesOf, sumByDay, sumCounts, usageQuery } from '../../../lib/usage.ts';
import { useFreshFigures } from '../../../lib/use-fresh-figures.ts';
import { download, toCsv } from './export-csv.ts';
import { OutcomesCard } from './outcomes-card.tsx';
import { PERIODS, useRange } from './use-range.ts';

export function AnalyticsPage() {
  const [range, setRange] = useRange();
  const { period, from, to } = range;
  const { data, error, refetch } = useQuery(usageQuery(from, to));
  useFreshFigures();
  const isFailed = error !== null && data === undefined;
  const totals = data && sumCounts(data);
  return (
    <>
      <PageHeader
        title="Analytics"
        about="What became of your mail: recipients, each once, on the day it first happened (UTC)."
        actions={
          <Button
            disabled={data === undefined || data.length === 0}
            onClick={() => download(`courierx-${from}-to-${to}.csv`, toCsv(data ?? []))}
          >
            <Download aria-hidden /> Export CSV
          </Button>
        }
      />
      <div className="mb-5 flex flex-wrap items-center gap-2">
        <Choice
          label="Period"
          value={period}
          options={PERIODS}
          onChange={(value) => setRange({ period: value })}
        />
        {(['from', 'to'] as const).map((name) => (
          <Input
            key={name}
            type="date"
            className="w-38"
            aria-label={name === 'from' ? 'From day (UTC)' : 'To day (UTC)'}
            value={range[name]}
            onChange={({ target: { value } }) => {
              if (value !== '') setRange({ from, to, [name]: value });
            }}
          />
        ))}
      </div>
      {isFailed && (
        <Card>
          <ErrorState error={error} onRetry={() => void refetch()} />
        </Card>
      )}
      {!isFailed && data?.length === 0 && (
        <Card>
          <EmptyState icon={ChartNoAxesColumn} title="No mail in these days">
            Choose other days, or send some mail: figures are here at once.
          </EmptyState>
        </Card>
      )}
      {!isFailed && data?.length !== 0 && (
        <div className="space-y-5">
          <TotalsRow figures={totals && { totals, rates: ratesOf(totals) }} />
          {data === undefined ? (
            <Skeleton className="h-[27rem] rounded-xl" />
          ) : (
            <DailyCard daily={sumByDay(data, range)} />
          )}
          <ProvidersCard stats={data ?? []} />
          {totals !== undefined && <OutcomesCard totals={totals} />}
        </div>
      )}
    </>
  );
}
