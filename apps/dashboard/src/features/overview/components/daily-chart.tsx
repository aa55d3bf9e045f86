import type { Metrics } from '@courierx/contract';
import {
  Area,
  AreaChart,
  CartesianGrid,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatDay, SERIES } from './series.ts';

const axis = { stroke: 'var(--muted)', fontSize: 12, tickLine: false, axisLine: false } as const;
const box = { background: 'var(--surface)', border: '1px solid var(--line)', borderRadius: 8 };

export function DailyChart({ daily }: Pick<Metrics, 'daily'>) {
  return (
    <ResponsiveContainer width="100%" height="100%">
      <AreaChart data={[...daily]} margin={{ top: 8, right: 16, bottom: 0, left: -8 }}>
        <CartesianGrid stroke="var(--line)" vertical={false} />
        <XAxis dataKey="date" tickFormatter={formatDay} minTickGap={32} {...axis} />
        <YAxis allowDecimals={false} width={56} {...axis} />
        <Tooltip
          labelFormatter={(date) => (typeof date === 'string' ? formatDay(date) : date)}
          contentStyle={box}
        />
        {SERIES.map(({ key, name, colour }) => (
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
    </ResponsiveContainer>
  );
}
