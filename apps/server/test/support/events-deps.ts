import pino from 'pino';
import type { EventsDeps } from '../../src/events/deps.ts';

/** What the events pipeline is given, where a test does not look at its metrics and logs. */
export function quietEventsDeps(
  deps: Pick<EventsDeps, 'database' | 'keyring' | 'providers' | 'now'>,
): EventsDeps {
  return {
    ...deps,
    log: pino({ enabled: false }),
    metrics: { request: () => undefined, event: () => undefined, lag: () => undefined },
  };
}
