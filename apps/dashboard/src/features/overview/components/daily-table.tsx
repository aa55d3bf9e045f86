import type { Metrics } from '@courierx/contract';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { formatNumber } from '../../../lib/format.ts';
import { formatDay, SERIES } from './series.ts';

type Day = Metrics['daily'][number];

const COLUMNS: readonly Column<Day>[] = [
  { label: 'Day', render: (day) => formatDay(day.date) },
  ...SERIES.map(({ key, name }) => ({
    label: name,
    isNumber: true,
    render: (day: Day) => formatNumber(day[key]),
  })),
];

/** The figures of the chart, for those who would rather read them. */
export function DailyTable({ daily }: Pick<Metrics, 'daily'>) {
  return (
    <details className="border-t">
      <summary className="cursor-pointer px-5 py-3 font-medium text-muted">As a table</summary>
      <DataTable
        caption="Recipients by day"
        columns={COLUMNS}
        rows={daily.toReversed()}
        keyOf={(day) => day.date}
      />
    </details>
  );
}
