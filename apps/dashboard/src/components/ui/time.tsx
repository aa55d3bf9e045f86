import { useSyncExternalStore } from 'react';
import { formatDateTime, formatRelative } from '../../lib/format.ts';

const TICK_MS = 10_000;
let nowMs = Date.now();

/** "5 minutes ago", with the whole time in the viewer's zone on hover. */
export function Time({ value }: { readonly value: string }) {
  const now = useSyncExternalStore(subscribe, () => nowMs);
  return (
    <time dateTime={value} title={formatDateTime(value)} className="whitespace-nowrap">
      {formatRelative(value, now)}
    </time>
  );
}

/** The same, or "never". */
export function MaybeTime({ value }: { readonly value: string | null }) {
  return value === null ? <span className="text-muted">never</span> : <Time value={value} />;
}

function subscribe(listener: () => void): () => void {
  // What just happened is not in the future of the last tick.
  nowMs = Date.now();
  const timer = setInterval(() => {
    nowMs = Date.now();
    listener();
  }, TICK_MS);
  return () => clearInterval(timer);
}
