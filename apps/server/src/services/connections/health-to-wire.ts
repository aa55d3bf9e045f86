import type { ConnectionHealth, ConnectionStatus, ReceiverHealth } from '@courierx/contract';
import type { StoredBreaker } from './rows.ts';

type Row = {
  readonly status: ConnectionStatus;
  readonly verificationMessage: string;
  readonly invalidSince: Date | null;
  readonly pausedUntil: Date | null;
  readonly pauseReason: string | null;
  readonly breakers: readonly StoredBreaker[];
};

/** How a connection does: the worst that is true of it, and the receivers it takes no mail for. */
export function healthToWire(row: Row, now: Date): ConnectionHealth {
  const receivers = row.breakers
    .filter(({ receiver }) => receiver !== '*')
    .map((breaker) => ({ receiver: breaker.receiver, ...breakerToWire(breaker) }));
  const whole = row.breakers.find(({ receiver }) => receiver === '*');
  if (row.status === 'invalid') {
    const since = row.invalidSince?.toISOString() ?? null;
    return {
      state: 'invalid',
      since,
      reason: row.verificationMessage,
      next_probe_at: null,
      receivers,
    };
  }
  if (whole) return { ...breakerToWire(whole), receivers };
  if (row.pausedUntil !== null && row.pausedUntil > now) {
    const until = row.pausedUntil.toISOString();
    const { pauseReason: reason } = row;
    return { state: 'throttled', since: null, reason, next_probe_at: until, receivers };
  }
  const [first] = receivers;
  if (!first) {
    return { state: 'healthy', since: null, reason: null, next_probe_at: null, receivers };
  }
  const { since, reason, next_probe_at: nextProbeAt } = first;
  return { state: 'degraded', since, reason, next_probe_at: nextProbeAt, receivers };
}

function breakerToWire(breaker: StoredBreaker): Omit<ReceiverHealth, 'receiver'> {
  return {
    state: breaker.state === 'open' ? 'down' : 'recovering',
    since: new Date(breaker.since).toISOString(),
    reason: breaker.reason,
    next_probe_at: new Date(breaker.nextProbeAt).toISOString(),
  };
}
