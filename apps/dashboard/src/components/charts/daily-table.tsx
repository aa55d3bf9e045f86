import { formatNumber } from '../../lib/format.ts';
import { DataTable, type Column } from '../ui/data-table.tsx';
import { formatDay, type Day, type Serie } from './series.ts';

type Props = { readonly daily: readonly Day[]; readonly series: readonly Serie[] };

/** The figures of the chart, the newest day first. */
export function DailyTable({ daily, series }: Props) {
  const columns: readonly Column<Day>[] = [
    { label: 'Day', render: (day) => formatDay(day.date) },
    ...series.map(({ key, name }) => ({
      label: name,
      isNumber: true,
      render: (day: Day) => formatNumber(day[key]),
    })),
  ];
  return (
    <DataTable
      caption="Recipients by day"
      columns={columns}
      rows={daily.toReversed()}
      keyOf={(day) => day.date}
    />
  );
}
