import type { SuppressionReason } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { formatNumber } from '../../../lib/format.ts';
import { countsQuery, REASONS } from '../api/suppressions.ts';

type Props = {
  readonly reason: SuppressionReason | undefined;
  readonly onChange: (reason: SuppressionReason | undefined) => void;
};

/** How many there are of each reason; a click shows those alone. */
export function ReasonFilter({ reason, onChange }: Props) {
  const { data: counts } = useQuery(countsQuery);
  const tiles = [
    [undefined, 'All', counts?.total] as const,
    ...REASONS.map(([name, label]) => [name, label, counts?.by_reason[name]] as const),
  ];
  return (
    <div
      role="group"
      aria-label="Reason"
      className="mb-5 grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-5"
    >
      {tiles.map(([name, label, count]) => (
        <button
          key={label}
          type="button"
          aria-pressed={reason === name}
          onClick={() => onChange(name)}
          className="rounded-xl border bg-surface px-4 py-3 text-left hover:bg-sunken aria-pressed:border-accent aria-pressed:ring-1 aria-pressed:ring-accent max-sm:first:col-span-2"
        >
          <span className="block text-[13px] text-muted">{label}</span>
          <span className="text-xl font-semibold tabular-nums">
            {count === undefined ? '…' : formatNumber(count)}
          </span>
        </button>
      ))}
    </div>
  );
}
