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
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 sm:grid-cols-3 xl:grid-cols-5">
      <Fact name="Latency, median">{usage ? <Latency usage={usage} /> : <Waiting />}</Fact>
      <Fact name="Share of recent sends">{usage ? <Share usage={usage} /> : <Waiting />}</Fact>
      <Fact name="A second">
        <Rate connection={connection} />
      </Fact>
      <Fact name="Today">
        <Cap cap={connection.max_per_day} used={usage?.used_today ?? null} />
        <Quota connection={connection} />
      </Fact>
      <Fact name="This month">
        <Cap cap={connection.max_per_month} used={usage?.used_this_month ?? null} />
      </Fact>
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

function Rate({ connection }: { readonly connection: ProviderConnection }) {
  const { max_per_second: cap, learned } = connection;
  if (cap !== null) return `${formatNumber(cap)} at most`;
  const told = learned?.max_send_rate ?? null;
  return told === null ? <None>No cap</None> : `${formatNumber(told)}, says its provider`;
}

function Cap({ cap, used }: { readonly cap: number | null; readonly used: number | null }) {
  if (cap === null) return <None>No cap</None>;
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
