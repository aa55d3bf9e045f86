import type { ReportedEvent } from '../providers/webhooks.ts';

/**
 * What PostgreSQL keeps neither as text nor in JSON (a NUL, half a surrogate pair, a time before it
 * knows any) comes from receiving servers and other senders. One such event must not stop the others
 * that were reported with it.
 */
export function toStorable(event: ReportedEvent): ReportedEvent {
  const { occurredAt } = event;
  const isTime = occurredAt !== null && occurredAt.getTime() >= 0;
  return { ...(replaceIn(event) as ReportedEvent), occurredAt: isTime ? occurredAt : null };
}

function replaceIn(value: unknown): unknown {
  if (typeof value === 'string') return value.toWellFormed().replaceAll('\0', '\uFFFD');
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceIn(inner)]));
}
