import type { UsageStat } from '@courierx/contract';
import { formatNumber, formatPercent, humanize } from '../../lib/format.ts';
import { sumByProvider } from '../../lib/usage.ts';
import { Card, CardHeader } from '../ui/card.tsx';
import { DataTable, type Column } from '../ui/data-table.tsx';

type Row = ReturnType<typeof sumByProvider>[number];

const COLUMNS: readonly Column<Row>[] = [
  { label: 'Provider', render: (row) => humanize(row.provider) },
  { label: 'Delivery rate', isNumber: true, render: (row) => <Rate row={row} /> },
  { label: 'Sent', isNumber: true, render: (row) => formatNumber(row.sent) },
  {
    label: 'Delivered',
    isNumber: true,
    render: (row) => formatNumber(row.delivered),
  },
  { label: 'Bounced', isNumber: true, render: (row) => <Share of={row.sent} is={row.bounced} /> },
  {
    label: 'Complained',
    isNumber: true,
    render: (row) => <Share of={row.delivered} is={row.complained} />,
  },
  {
    label: 'Opened',
    isNumber: true,
    isExtra: true,
    render: (row) => <Share of={row.delivered} is={row.opened} />,
  },
  {
    label: 'Clicked',
    isNumber: true,
    isExtra: true,
    render: (row) => <Share of={row.delivered} is={row.clicked} />,
  },
];

/** The providers beside each other; nothing where none was asked. */
export function ProvidersCard({ stats }: { readonly stats: readonly UsageStat[] }) {
  const rows = sumByProvider(stats);
  if (rows.length === 0) return null;
  return (
    <Card>
      <CardHeader
        title="By provider"
        about="Delivery and bounces as shares of sent, the rest of delivered."
      />
      <div role="group" aria-label="By provider" tabIndex={0} className="overflow-x-auto">
        <DataTable
          caption="Recipients by provider"
          columns={COLUMNS}
          rows={rows}
          keyOf={(row) => row.provider}
        />
      </div>
    </Card>
  );
}

function Share({ is, of }: { readonly is: number; readonly of: number }) {
  return (
    <span className="whitespace-nowrap">
      {formatNumber(is)}
      {of > 0 && (
        <span className="text-[13px] text-muted max-sm:before:content-['_·_'] sm:block">
          {formatPercent(is / of)}
        </span>
      )}
    </span>
  );
}

function Rate({ row: { sent, delivered } }: { readonly row: Row }) {
  if (sent === 0) return '–';
  const share = delivered / sent;
  return (
    <span className="inline-flex items-center gap-2 font-medium">
      <span className="h-1.5 w-16 overflow-hidden max-xl:hidden rounded-full bg-sunken" aria-hidden>
        <span className="block h-full bg-good" style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
      <span className="xl:w-12">{formatPercent(share)}</span>
    </span>
  );
}
