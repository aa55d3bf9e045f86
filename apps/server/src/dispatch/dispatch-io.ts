import type { Outcome } from '../providers/outcome.ts';
import type { Settlement } from '../providers/settlement.ts';
import type { OpenAttempt } from '../queue/close-attempt.ts';
import type { Claim } from '../queue/claim-emails.ts';
import type { Finish } from '../queue/finish-attempts.ts';
import type { LoadedEmail } from '../queue/load-emails.ts';
import type { RoutableConnection } from './connections.ts';
import type { Admitted, Pause, Permit, Use } from './health.ts';
import type { Route } from './policy/route.ts';
import type { Slot } from './slots.ts';

/** One claimed email with all it takes to work on it. */
export type DispatchJob = {
  readonly claim: Claim;
  readonly email: LoadedEmail;
  readonly connections: readonly RoutableConnection[];
  /** Which of them it may go through, and in what order. */
  readonly route: Route<RoutableConnection>;
};

export type AttemptCall = Use & {
  readonly number: number;
  readonly recipients: readonly string[];
  readonly trace: readonly string[];
  readonly permit: Permit;
};

/** What an attempt came to; `lost` where the lease was gone before the call was made. */
export type AttemptAnswer =
  | {
      readonly outcome: Outcome;
      readonly latencyMs: number;
      /** The credentials were refused, as they had been to another mail before. */
      readonly isKnownRefused: boolean;
    }
  | 'lost';

/** An attempt in doubt. */
export type InDoubt = {
  readonly connection: RoutableConnection;
  readonly number: number;
  readonly recipients: readonly string[];
  readonly startedAt: Date;
};

/** The effects of working on an email; the engine brings the real ones. */
export type DispatchIo = {
  /** Records the attempt, makes the call and tells the connection's health. */
  attempt(job: DispatchJob, call: AttemptCall): Promise<AttemptAnswer>;
  /** Resolves to whether the lease was still held. */
  finish(finish: Finish): Promise<boolean>;
  /** Ends an attempt that a lost worker left open, by what the mail's events tell of it. */
  closeAttempt(attempt: OpenAttempt): Promise<void>;
  /** Asks the provider what became of an attempt; null where it has no means to tell. */
  settle(job: DispatchJob, inDoubt: InDoubt): Promise<Settlement | null>;
  /** Why, and until when, the connection takes none of this mail, as far as is known here. */
  pauseOf(use: Use): Pause | null;
  /**
   * A slot at a connection that takes few mails at once; null when the connection came to rest while
   * it was waited for, `changed` when it was changed, disabled or deleted.
   */
  slot(job: DispatchJob, use: Use): Slot | Promise<Slot | 'changed'>;
  /** Asks for what an attempt needs, of all workers' share. */
  admit(use: Use): Admitted | Promise<Admitted>;
  /** The database's clock. */
  now(): Date;
  random(): number;
};
