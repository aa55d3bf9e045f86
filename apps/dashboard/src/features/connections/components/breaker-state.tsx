import type { ConnectionHealth, ProviderConnection, ReceiverHealth } from '@courierx/contract';
import type { ReactNode } from 'react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Time } from '../../../components/ui/time.tsx';

type Trouble = Pick<ConnectionHealth, 'since' | 'reason' | 'next_probe_at'>;

/** Whether mail goes by a connection, and what stands in its way: since when, why, until when. */
export function BreakerState({ connection }: { readonly connection: ProviderConnection }) {
  const { enabled, health, verification } = connection;
  if (!enabled) {
    return <p>Paused: it takes no mail until you resume it. What waits goes by others.</p>;
  }
  return (
    <div className="space-y-2">
      <p>{describe(health)}</p>
      {health.receivers.length > 0 && <Receivers receivers={health.receivers} />}
      {health.state !== 'invalid' && verification.status !== 'verified' && (
        <p className="text-warn">
          Not verified so far: {verification.message} It is used all the same, and asked again.
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
          Rests <Until time={health.next_probe_at} />, as its provider asked.
          <Reason of={health} />
        </>
      );
    case 'degraded':
      return 'Takes mail for all receivers but these:';
    case 'down':
      return (
        <>
          Breaker open <Since of={health} />: it takes no mail. <NextTry of={health} />
          <Reason of={health} />
        </>
      );
    case 'recovering':
      return (
        <>
          Breaker half-open <Since of={health} />: a few mails at a time try it. Two that succeed
          close it.
          <Reason of={health} />
        </>
      );
    case 'invalid':
      return (
        <>
          Its provider refuses the credentials <Since of={health} />. Mail goes round it until you
          rotate or verify them.
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
            <Since of={receiver} />. <NextTry of={receiver} />
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

function Since({ of: { since } }: { readonly of: Trouble }) {
  if (since === null) return null;
  return (
    <>
      since <Time value={since} />
    </>
  );
}

function NextTry({ of: { next_probe_at: at } }: { readonly of: Trouble }) {
  if (at === null || Date.parse(at) <= Date.now()) return 'The next mails try it.';
  return (
    <>
      It is tried again <Time value={at} />.
    </>
  );
}

function Until({ time }: { readonly time: string | null }) {
  if (time === null) return 'for a moment';
  return (
    <>
      until <Time value={time} />
    </>
  );
}
