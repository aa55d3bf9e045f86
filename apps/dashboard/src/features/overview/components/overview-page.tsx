import type { Metrics, MetricsPeriod } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Card, CardHeader, PageHeader } from '../../../components/ui/card.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { metricsQuery } from '../api/get-metrics.ts';
import { ConnectionsCard } from './connections-card.tsx';
import { DailyTable } from './daily-table.tsx';
import { FirstSteps } from './first-steps.tsx';
import { FlowBanner } from './flow-banner.tsx';
import { ProvidersCard } from './providers-card.tsx';
import { QueueCard } from './queue-card.tsx';
import { TotalsRow } from './totals-row.tsx';

const DailyChart = lazy(async () => ({
  default: (await import('./daily-chart.tsx')).DailyChart,
}));

const PERIODS: readonly { readonly value: MetricsPeriod; readonly label: string }[] = [
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
];

export function OverviewPage() {
  const search: { readonly period?: unknown } = useSearch({ strict: false });
  const period = PERIODS.find(({ value }) => value === search.period)?.value ?? '30d';
  const { data, error, refetch } = useQuery(metricsQuery(period));
  return (
    <>
      <PageHeader title="Overview" actions={<PeriodChoice period={period} />} />
      <div className="space-y-5">
        <FlowBanner />
        <FirstSteps />
        {error !== null && (
          <Card>
            <ErrorState error={error} onRetry={() => void refetch()} />
          </Card>
        )}
        <TotalsRow metrics={data} />
        {data !== undefined && <ByDay daily={data.daily} />}
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <QueueCard />
          <ConnectionsCard />
        </div>
        {data !== undefined && <ProvidersCard from={data.from} to={data.to} />}
      </div>
    </>
  );
}

function ByDay({ daily }: Pick<Metrics, 'daily'>) {
  return (
    <Card>
      <CardHeader title="By day" about="Recipients; days are in UTC." />
      <div className="h-72 px-2 pb-3">
        <Suspense fallback={<Skeleton className="mx-3 h-64" />}>
          <DailyChart daily={daily} />
        </Suspense>
      </div>
      <DailyTable daily={daily} />
    </Card>
  );
}

function PeriodChoice({ period }: { readonly period: MetricsPeriod }) {
  const navigate = useNavigate();
  return (
    <div role="group" aria-label="Period" className="flex rounded-lg border bg-surface p-0.5">
      {PERIODS.map(({ value, label }) => (
        <button
          key={value}
          type="button"
          aria-pressed={value === period}
          onClick={() => void navigate({ to: '/', search: { period: value }, replace: true })}
          className="rounded-md px-3 py-1 font-medium text-muted aria-pressed:bg-sunken aria-pressed:text-text"
        >
          {label}
        </button>
      ))}
    </div>
  );
}
