import { Area, AreaChart, CartesianGrid, Tooltip, XAxis, YAxis } from 'recharts';
import { formatNumber } from '../../lib/format.ts';
import { formatDay, type Day, type Serie } from './series.ts';

const axis = { stroke: 'var(--muted)', fontSize: 12, tickLine: false, axisLine: false } as const;
const box = { background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 };
const compact = new Intl.NumberFormat(undefined, { notation: 'compact' });

type Props = { readonly daily: readonly Day[]; readonly series: readonly Serie[] };

/** Large; `DailyCard` loads it once its figures are there. */
export function DailyChart({ daily, series }: Props) {
  return (
    <AreaChart
      responsive
      style={{ width: '100%', height: '100%' }}
      data={[...daily]}
      margin={{ top: 8, right: 16, bottom: 0, left: -8 }}
    >
      <CartesianGrid stroke="var(--line)" vertical={false} />
      <XAxis
        dataKey="date"
        tickFormatter={formatDay}
        interval="equidistantPreserveStart"
        minTickGap={32}
        {...axis}
      />
      <YAxis
        allowDecimals={false}
        width={56}
        tickFormatter={(value: number) => compact.format(value)}
        {...axis}
      />
      <Tooltip
        labelFormatter={(date) => (typeof date === 'string' ? formatDay(date) : date)}
        formatter={(value) => (typeof value === 'number' ? formatNumber(value) : value)}
        contentStyle={box}
      />
      {series.map(({ key, name, colour }) => (
        <Area
          key={key}
          type="monotone"
          dataKey={key}
          name={name}
          stroke={colour}
          fill={colour}
          fillOpacity={key === 'sent' ? 0.08 : 0}
          strokeWidth={2}
          isAnimationActive={false}
        />
      ))}
    </AreaChart>
  );
}
