import type { Logger } from 'pino';
import type { Database } from '../db/database.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Tracer } from '../lib/tracer.ts';
import { RETRY_SCHEDULE, type RetrySchedule } from './policy/retry.ts';

/** What an endpoint answered, or why there was no answer. */
export type PostAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body: string;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: 'no_answer'; readonly error: string };

/** Posts to a customer's URL through the outbound guard, within time limits, without redirects. */
export type Post = (
  url: string,
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
) => Promise<PostAnswer>;

/** What the deliveries are given by the composition root. */
export type WebhookDeps = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly post: Post;
  readonly log: Logger;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  readonly settings: WebhookSettings;
  readonly tracer?: Tracer;
  readonly onTried: (outcome: 'succeeded' | 'retry' | 'failed') => void;
};

export type WebhookSettings = {
  /** Deliveries under way at once in this process. */
  readonly concurrency: number;
  /** And to one endpoint, so that a slow one fills no more than these places. */
  readonly perEndpoint: number;
  /** Longer than any try may take: the longest a dead worker's delivery lies still. */
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly schedule: RetrySchedule;
};

export const DEFAULT_WEBHOOK_SETTINGS: WebhookSettings = {
  concurrency: 512,
  perEndpoint: 8,
  leaseMs: 45_000,
  pollMs: 1_000,
  schedule: RETRY_SCHEDULE,
};
