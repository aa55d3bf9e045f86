import type { UsageStat } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { formatNumber, formatPercent, humanize } from '../../../lib/format.ts';
import { usageQuery } from '../api/get-metrics.ts';

type Row = {
  readonly provider: string;
  readonly sent: number;
  readonly delivered: number;
  readonly bounced: number;
};

const COLUMNS: readonly Column<Row>[] = [
  { label: 'Provider', render: (row) => humanize(row.provider) },
  { label: 'Sent', isNumber: true, render: (row) => formatNumber(row.sent) },
  { label: 'Delivered', isNumber: true, render: (row) => formatNumber(row.delivered) },
  { label: 'Bounced', isNumber: true, render: (row) => formatNumber(row.bounced) },
  {
    label: 'Delivery rate',
    isNumber: true,
    render: ({ sent, delivered }) => (sent === 0 ? '–' : formatPercent(delivered / sent)),
  },
];

export function ProvidersCard({ from, to }: { readonly from: string; readonly to: string }) {
  const { data } = useQuery(usageQuery(from, to));
  const rows = byProvider(data ?? []);
  if (rows.length === 0) return null;
  return (
    <Card>
      <CardHeader title="By provider" />
      <DataTable
        caption="Recipients by provider"
        columns={COLUMNS}
        rows={rows}
        keyOf={(row) => row.provider}
      />
    </Card>
  );
}

function byProvider(stats: readonly UsageStat[]): readonly Row[] {
  const groups = Map.groupBy(stats, ({ provider }) => provider);
  const rows = [...groups].flatMap(([provider, days]) => {
    if (provider === null) return [];
    const sum = (key: 'sent' | 'delivered' | 'bounced') =>
      days.reduce((total, day) => total + day[key], 0);
    return { provider, sent: sum('sent'), delivered: sum('delivered'), bounced: sum('bounced') };
  });
  return rows.toSorted((one, other) => other.sent - one.sent);
}
