import type { ConnectionUsage, ProviderConnection } from '@courierx/contract';
import type { ReactNode } from 'react';
import { Meter } from '../../../components/ui/meter.tsx';
import { Skeleton } from '../../../components/ui/states.tsx';
import { formatNumber, formatPercent } from '../../../lib/format.ts';

type FactsProps = {
  readonly connection: ProviderConnection;
  /** Undefined until it is known. */
  readonly usage: ConnectionUsage | undefined;
};

const NEAR_END = 0.8;

export function ConnectionFacts({ connection, usage }: FactsProps) {
  const { max_per_second: second, max_per_day: day, max_per_month: month, learned } = connection;
  const [rate, quota] = [learned?.max_send_rate ?? null, learned?.daily_quota ?? null];
  const isFree = [second, day, month, rate, quota].every((limit) => limit === null);
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-5">
      <Fact name="Latency, median">{usage ? <Latency usage={usage} /> : <Waiting />}</Fact>
      <Fact name="Share of recent sends">{usage ? <Share usage={usage} /> : <Waiting />}</Fact>
      {isFree && (
        <Fact name="Limits">
          <None>None</None>
        </Fact>
      )}
      {(second !== null || rate !== null) && (
        <Fact name="A second">
          {second === null ? `${formatNumber(rate ?? 0)}, says its provider` : `${second} at most`}
        </Fact>
      )}
      {(day !== null || quota !== null) && (
        <Fact name="Today">
          {day !== null && <Cap cap={day} used={usage?.used_today ?? null} />}
          <Quota connection={connection} />
        </Fact>
      )}
      {month !== null && (
        <Fact name="This month">
          <Cap cap={month} used={usage?.used_this_month ?? null} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[13px] text-muted">{name}</dt>
      <dd className="mt-0.5 space-y-1.5 break-words tabular-nums">{children}</dd>
    </div>
  );
}

const Waiting = () => <Skeleton className="h-5 w-16" />;
const None = ({ children }: { readonly children: string }) => (
  <span className="text-muted">{children}</span>
);

function Latency({ usage: { latency_ms: latency } }: { readonly usage: ConnectionUsage }) {
  if (latency === null) return <None>No mail lately</None>;
  return (
    <>
      <span className="font-medium">{formatNumber(latency.median)} ms</span>{' '}
      <span className="text-[13px] text-muted">p95 {formatNumber(latency.p95)} ms</span>
    </>
  );
}

function Share({ usage: { attempts, accepted, share } }: { readonly usage: ConnectionUsage }) {
  if (attempts === 0) return <None>No mail lately</None>;
  return (
    <>
      <p>
        <span className="font-medium">{formatPercent(share)}</span>{' '}
        <span className="text-[13px] text-muted">
          {formatNumber(accepted)} of {formatNumber(attempts)} tries taken
        </span>
      </p>
      <Meter share={share} />
    </>
  );
}

type CapProps = { readonly cap: number; readonly used: number | null };

function Cap({ cap, used }: CapProps) {
  const share = (used ?? 0) / cap;
  return (
    <>
      <p>
        <span className="font-medium">{formatNumber(used ?? 0)}</span>{' '}
        <span className="text-[13px] text-muted">of {formatNumber(cap)}</span>
      </p>
      <Meter share={share} isNearEnd={share >= NEAR_END} />
    </>
  );
}

/** As the provider told it when it was last verified; not counted by us. */
function Quota({ connection: { learned } }: { readonly connection: ProviderConnection }) {
  const quota = learned?.daily_quota ?? null;
  if (quota === null) return null;
  const sent = learned?.sent_today ?? null;
  const used = sent === null ? '' : `, ${formatNumber(sent)} used when verified`;
  return (
    <p className="text-[13px] text-muted">{`Provider’s quota ${formatNumber(quota)}${used}`}</p>
  );
}
