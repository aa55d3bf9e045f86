import type { ConnectionHealth, ProviderConnection, ReceiverHealth } from '@courierx/contract';
import type { ReactNode } from 'react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Time } from '../../../components/ui/time.tsx';

const TAKING: ReadonlySet<string> = new Set(['healthy', 'throttled', 'degraded']);
type Trouble = Pick<ConnectionHealth, 'since' | 'reason' | 'next_probe_at'>;

/** Whether mail goes by a connection, and what stands in its way: since when, why, until when. */
export function BreakerState({ connection }: { readonly connection: ProviderConnection }) {
  const { enabled, health, provider, verification } = connection;
  if (!enabled) {
    return <p>Paused: it takes no mail until you resume it. What waits goes by others.</p>;
  }
  return (
    <div className="space-y-2">
      <p>
        {describe(health)}
        {provider === 'sandbox' && ' Live mail comes here only while nothing else is connected.'}
      </p>
      {health.receivers.length > 0 && <Receivers receivers={health.receivers} />}
      {TAKING.has(health.state) && verification.status !== 'verified' && (
        <p className="text-warn">
          Not verified yet, and used all the same. It is asked again by itself.{' '}
          {verification.message}
        </p>
      )}
    </div>
  );
}

function describe(health: ConnectionHealth): ReactNode {
  switch (health.state) {
    case 'healthy':
      return 'Breaker closed: it takes all mail.';
    case 'throttled':
      return (
        <>
          Rests for a moment, as its provider asked. <Again at={health.next_probe_at} />
          <Reason of={health} />
        </>
      );
    case 'degraded':
      return 'Takes mail for all receivers but these:';
    case 'down':
      return (
        <>
          Breaker open: it takes no mail. <Told word="Opened" at={health.since} />{' '}
          <NextTry of={health} />
          <Reason of={health} />
        </>
      );
    case 'recovering':
      return (
        <>
          Breaker half-open: a few mails at a time try it, and two that succeed close it.{' '}
          <Told word="Opened" at={health.since} />
          <Reason of={health} />
        </>
      );
    case 'invalid':
      return (
        <>
          Its provider refuses the credentials. Mail goes round it until you rotate or verify them.{' '}
          <Told word="Refused" at={health.since} />
          <Reason of={health} />
        </>
      );
  }
}

function Receivers({ receivers }: { readonly receivers: readonly ReceiverHealth[] }) {
  return (
    <ul className="space-y-1.5">
      {receivers.map((receiver) => (
        <li key={receiver.receiver} className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5">
          <span className="font-medium">{receiver.receiver}</span>
          <StatusBadge status={receiver.state === 'down' ? 'open' : 'half-open'} />
          <span className="text-muted">
            <Told word="Opened" at={receiver.since} />{' '}
            {receiver.state === 'down' && <NextTry of={receiver} />}
            <Reason of={receiver} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function Reason({ of: { reason } }: { readonly of: Trouble }) {
  return reason === null ? null : <span className="text-muted"> Why: {reason}</span>;
}

function Told({ word, at }: { readonly word: string; readonly at: string | null }) {
  if (at === null) return null;
  return (
    <>
      {word} <Time value={at} />.
    </>
  );
}

function NextTry({ of: { next_probe_at: at } }: { readonly of: Trouble }) {
  if (at === null || Date.parse(at) <= Date.now()) return 'The next mails try it.';
  return <Told word="Tried again" at={at} />;
}

function Again({ at }: { readonly at: string | null }) {
  return <Told word="It goes on" at={at} />;
}
