import type { ProviderName } from '@courierx/contract';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Tracer } from '../lib/tracer.ts';
import type { Provider } from '../providers/provider.ts';

/** What the events pipeline is given by the composition root. */
export type EventsDeps = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly providers: ReadonlyMap<ProviderName, Provider>;
  readonly log: Logger;
  readonly metrics: EventMetrics;
  readonly tracer?: Tracer;
  readonly now: () => Date;
};

/** Counters the operator watches. */
export type EventMetrics = {
  /** One request to a webhook URL, by what became of it. */
  request(provider: string, verdict: string): void;
  /** One event, by our word and by what became of it: `applied`, `repeated`, `waiting`, `unknown`. */
  event(labels: { provider: string; type: string; result: string }): void;
  /** From the vendor's own time to ours. */
  lag(provider: string, seconds: number): void;
};
