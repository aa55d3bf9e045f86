import type { MetricsPeriod } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { DailyCard } from '../../../components/charts/daily-card.tsx';
import { ProvidersCard } from '../../../components/charts/providers-card.tsx';
import { TotalsRow } from '../../../components/charts/totals-row.tsx';
import { Card, PageHeader } from '../../../components/ui/card.tsx';
import { Choice } from '../../../components/ui/choice.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { usageQuery } from '../../../lib/usage.ts';
import { useFreshFigures } from '../../../lib/use-fresh-figures.ts';
import { metricsQuery } from '../api/get-metrics.ts';
import { ConnectionsCard } from './connections-card.tsx';
import { FirstSteps } from './first-steps.tsx';
import { QueueCard } from './queue-card.tsx';

const PERIODS: readonly { readonly value: MetricsPeriod; readonly label: string }[] = [
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
];

export function OverviewPage() {
  const search: { readonly period?: unknown } = useSearch({ strict: false });
  const period = PERIODS.find(({ value }) => value === search.period)?.value ?? '30d';
  const navigate = useNavigate();
  const { data, error, refetch } = useQuery(metricsQuery(period));
  useFreshFigures();
  return (
    <>
      <PageHeader
        title="Overview"
        actions={
          <Choice
            label="Period"
            value={period}
            options={PERIODS}
            onChange={(value) =>
              void navigate({ to: '/', search: { period: value }, replace: true })
            }
          />
        }
      />
      <div className="space-y-5">
        <FirstSteps />
        {error !== null && data === undefined && (
          <Card>
            <ErrorState error={error} onRetry={() => void refetch()} />
          </Card>
        )}
        <TotalsRow figures={data} />
        {data === undefined ? (
          error === null && <Skeleton className="h-[27rem] rounded-xl" />
        ) : (
          <DailyCard daily={data.daily} />
        )}
        <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
          <QueueCard />
          <ConnectionsCard />
        </div>
        {data !== undefined && <ByProvider from={data.from} to={data.to} />}
      </div>
    </>
  );
}

function ByProvider({ from, to }: { readonly from: string; readonly to: string }) {
  const { data } = useQuery(usageQuery(from, to));
  return <ProvidersCard stats={data ?? []} />;
}
