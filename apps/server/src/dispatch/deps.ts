import type { ProviderName } from '@courierx/contract';
import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Tracer } from '../lib/tracer.ts';
import type { Provider } from '../providers/provider.ts';

/** What the mail engine is given by the composition root. */
export type DispatchDeps = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly providers: ReadonlyMap<ProviderName, Provider>;
  readonly log: Logger;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly settings: DispatchSettings;
  readonly metrics: DispatchMetrics;
  readonly tracer?: Tracer;
  /** Customers' webhooks may be due: told here too, so that one connection listens for all. */
  readonly onWebhooksDue?: () => void;
};

export type DispatchSettings = {
  /** Emails under way at once in this process. */
  readonly concurrency: number;
  /** How long a claim lasts without renewal: the longest a dead worker's mail lies still. */
  readonly leaseMs: number;
  /** How often the queue is looked at when nobody calls. */
  readonly pollMs: number;
};

/** Counters the operator watches. */
export type DispatchMetrics = {
  attempt(labels: { provider: string; outcome: string; reason: string }, latencyMs: number): void;
  /** A breaker was opened or closed by this process. */
  breakerMoved(moved: {
    provider: string;
    state: 'open' | 'closed';
    /** False: for one receiver. */
    isWhole: boolean;
    reason: string;
  }): void;
  /** A mail waits or goes elsewhere because of its connection's pace or cap. */
  paced(provider: string): void;
  /** A provider was asked what became of an attempt in doubt. */
  settled(labels: { provider: string; result: string }): void;
};

/** Leases are short and renewed three times before they end. */
export const DEFAULT_DISPATCH_SETTINGS: DispatchSettings = {
  concurrency: 256,
  leaseMs: 30_000,
  pollMs: 1_000,
};
