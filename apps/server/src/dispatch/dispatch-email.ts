import type { EmailStatus } from '@courierx/contract';
import type { Outcome } from '../providers/outcome.ts';
import type { Claim } from '../queue/claim-emails.ts';
import type { AttemptResult, Finish, NewEvent, NextStep } from '../queue/finish-attempts.ts';
import type { LoadedEmail } from '../queue/load-emails.ts';
import type { RoutableConnection } from './connections.ts';
import { decide, type Decision } from './policy/decide.ts';
import { planNext, type Plan } from './policy/plan.ts';
import type { Route, Step } from './policy/route.ts';
import { retryDelayMs } from './policy/retry.ts';

/** One claimed email with all it takes to work on it. */
export type DispatchJob = {
  readonly claim: Claim;
  readonly email: LoadedEmail;
  readonly connections: readonly RoutableConnection[];
  /** Which of them it may go through, and in what order. */
  readonly route: Route<RoutableConnection>;
};

export type AttemptCall = {
  readonly number: number;
  readonly connection: RoutableConnection;
  readonly recipients: readonly string[];
  readonly trace: readonly string[];
};

/** What an attempt came to; `lost` where the lease was gone before the call was made. */
export type AttemptAnswer = { readonly outcome: Outcome; readonly latencyMs: number } | 'lost';

/** The effects of working on an email; the engine brings the real ones. */
export type DispatchIo = {
  /** Records the attempt, makes the call and tells the connection's health. */
  attempt(job: DispatchJob, call: AttemptCall): Promise<AttemptAnswer>;
  /** Resolves to whether the lease was still held. */
  finish(finish: Finish): Promise<boolean>;
  isKnownBad(connection: RoutableConnection): boolean;
  /** The database's clock. */
  now(): Date;
  random(): number;
};

/** A mail that nothing can take is looked at again after this, should no change wake it before. */
const WAIT_MS = 5 * 60_000;

type Round = {
  number: number;
  readonly statuses: EmailStatus[];
  readonly tried: Set<string>;
  readonly retryAfterMs: (number | null)[];
  reason: string | null;
};

/**
 * Works on one email until it is over, waits, or the lease is lost. Each pass through the loop is
 * one attempt, recorded before the call and again after it, so a death at any line leaves either a
 * mail that was not tried or one whose attempt is on record.
 */
export async function dispatchEmail(io: DispatchIo, job: DispatchJob): Promise<void> {
  const { email } = job;
  const round: Round = {
    number: email.lastAttempt?.number ?? 0,
    statuses: [...email.recipientStatuses],
    tried: new Set(),
    retryAfterMs: [],
    reason: email.reason,
  };
  if (!(await settleLostAttempt(io, job, round))) return;
  if (!(await leaveOutSuppressed(io, job, round))) return;
  if (io.now() >= email.deadline) return giveUp(io, job, round);
  for (;;) {
    const plan = planRound(io, job, round);
    if (!plan.next) return wait(io, job, { round, plan });
    const isOver = await attemptOnce(io, job, { round, connection: plan.next, trace: plan.trace });
    if (isOver) return;
  }
}

function openRecipients(job: DispatchJob, statuses: readonly EmailStatus[]): string[] {
  return job.email.recipients
    .filter((_, position) => statuses[position] === 'queued')
    .map((recipient) => recipient.address);
}

function planRound(io: DispatchIo, job: DispatchJob, round: Round): Plan<RoutableConnection> {
  const now = io.now();
  const toKnown = (step: Step<RoutableConnection>): Step<RoutableConnection> => {
    const { connection, isInsisted } = step;
    // Paused or refused a moment ago, by a mail that was under way beside this one.
    return !isInsisted && io.isKnownBad(connection) && (connection.pausedUntil ?? now) <= now
      ? { ...step, connection: { ...connection, pausedUntil: new Date(now.getTime() + 1_000) } }
      : step;
  };
  const { rule, steps, fallbacks } = job.route;
  const route = { rule, steps: steps.map(toKnown), fallbacks: fallbacks.map(toKnown) };
  return planNext({ route, mode: job.email.mode, tried: round.tried, now });
}

/** One attempt and what follows from it; true when this worker is through with the email. */
async function attemptOnce(
  io: DispatchIo,
  job: DispatchJob,
  step: { round: Round; connection: RoutableConnection; trace: readonly string[] },
): Promise<boolean> {
  const { round, connection, trace } = step;
  const recipients = openRecipients(job, round.statuses);
  round.number += 1;
  round.tried.add(connection.id);
  const answer = await io.attempt(job, { number: round.number, connection, recipients, trace });
  if (answer === 'lost') return true;
  const { outcome, latencyMs } = answer;
  round.retryAfterMs.push(outcome.kind === 'failed' ? outcome.retryAfterMs : null);
  const decision = decide(outcome, recipients, job.email);
  const attempt = toResult(round.number, outcome, latencyMs);
  return applyDecision(io, job, { round, decision, attempt, connection });
}

function toResult(number: number, outcome: Outcome, latencyMs: number | null): AttemptResult {
  return {
    number,
    outcome: outcome.kind,
    scope: 'scope' in outcome ? outcome.scope : null,
    reason: 'reason' in outcome ? outcome.reason : null,
    detail: outcome.detail === '' ? null : outcome.detail,
    statusCode: outcome.statusCode,
    providerMessageId: outcome.kind === 'accepted' ? outcome.providerMessageId : null,
    latencyMs,
  };
}

type Applied = {
  readonly round: Round;
  readonly decision: Decision;
  readonly attempt: AttemptResult;
  readonly connection: Pick<RoutableConnection, 'id' | 'provider'> | null;
};

async function applyDecision(io: DispatchIo, job: DispatchJob, applied: Applied): Promise<boolean> {
  const { round, decision, attempt, connection } = applied;
  const changes = job.email.recipients.map(
    ({ address }, position) =>
      (round.statuses[position] === 'queued' ? decision.statuses.get(address) : null) ?? null,
  );
  changes.forEach((change, position) => {
    if (change !== null) round.statuses[position] = change;
  });
  round.reason = decision.reason;
  const next = nextStep(io, job, { round, decision });
  const held = await io.finish({
    ...leaseOf(job),
    attempt,
    next,
    statusChanges: changes,
    stateReason: next.kind === 'done' && round.statuses.includes('sent') ? null : decision.reason,
    events: decision.events.map((event) => toEvent(event, connection)),
  });
  return !held || next.kind !== 'keep';
}

function toEvent(event: Decision['events'][number], connection: Applied['connection']): NewEvent {
  return {
    ...event,
    provider: connection?.provider ?? null,
    connectionId: connection?.id ?? null,
  };
}

function nextStep(
  io: DispatchIo,
  job: DispatchJob,
  { round, decision }: { round: Round; decision: Decision },
): NextStep {
  if (openRecipients(job, round.statuses).length === 0) return { kind: 'done' };
  const { rounds } = job.claim;
  switch (decision.then) {
    case 'done':
      return { kind: 'done' };
    case 'hold':
      return { kind: 'wait', delayMs: msUntil(io, job.email.deadline), rounds };
    case 'next_connection':
      if (planRound(io, job, round).next) return { kind: 'keep' };
      return { kind: 'wait', delayMs: retryDelay(io, job, round), rounds: rounds + 1 };
    case 'retry_later':
      return { kind: 'wait', delayMs: retryDelay(io, job, round), rounds: rounds + 1 };
  }
}

function retryDelay(io: DispatchIo, job: DispatchJob, round: Round): number {
  const { retryAfterMs } = round;
  return retryDelayMs({ rounds: job.claim.rounds, retryAfterMs, random: () => io.random() });
}

function msUntil(io: DispatchIo, time: Date): number {
  return Math.max(0, time.getTime() - io.now().getTime());
}

function leaseOf(job: DispatchJob) {
  const { accountId, emailId, lease } = job.claim;
  return { accountId, emailId, lease };
}

/**
 * An open attempt belongs to a worker that is gone: the call may have been made, so it is an
 * `unknown` like any other, and the account's policy says what follows. Under `hold`, an unknown
 * outcome keeps the mail until its deadline whatever wakes it. False when the email is left.
 */
async function settleLostAttempt(io: DispatchIo, job: DispatchJob, round: Round): Promise<boolean> {
  const { email } = job;
  const { lastAttempt } = email;
  if (
    lastAttempt?.outcome === 'unknown' &&
    email.onUnknown === 'hold' &&
    io.now() < email.deadline
  ) {
    await io.finish({
      ...leaseOf(job),
      attempt: null,
      next: { kind: 'wait', delayMs: msUntil(io, email.deadline), rounds: job.claim.rounds },
      statusChanges: [],
      stateReason: email.reason,
      events: [],
    });
    return false;
  }
  if (!lastAttempt || lastAttempt.outcome !== null) return true;
  round.tried.add(lastAttempt.connectionId);
  const outcome: Outcome = {
    kind: 'unknown',
    reason: 'worker_lost',
    detail: 'the worker that made this attempt ended before it recorded an answer',
    statusCode: null,
  };
  const decision = decide(outcome, openRecipients(job, round.statuses), email);
  const attempt = toResult(lastAttempt.number, outcome, null);
  return !(await applyDecision(io, job, { round, decision, attempt, connection: null }));
}

/** Addresses suppressed since the email was accepted get no mail. False when none is left. */
async function leaveOutSuppressed(
  io: DispatchIo,
  job: DispatchJob,
  round: Round,
): Promise<boolean> {
  const suppressed = new Set(job.email.suppressed);
  const isHit = (address: string, position: number) =>
    round.statuses[position] === 'queued' && suppressed.has(address.toLowerCase());
  const hits = job.email.recipients.filter(({ address }, position) => isHit(address, position));
  if (hits.length === 0) return true;
  const changes = job.email.recipients.map(({ address }, position) =>
    isHit(address, position) ? ('suppressed' as const) : null,
  );
  changes.forEach((change, position) => {
    if (change) round.statuses[position] = change;
  });
  const isOver = openRecipients(job, round.statuses).length === 0;
  const held = await io.finish({
    ...leaseOf(job),
    attempt: null,
    next: { kind: isOver ? 'done' : 'keep' },
    statusChanges: changes,
    stateReason: isOver ? 'Suppressed before it was sent' : round.reason,
    events: hits.map(({ address }) => ({
      type: 'suppressed',
      recipient: address,
      provider: null,
      connectionId: null,
      detail: 'On the suppression list',
      occurredAt: null,
    })),
  });
  return held && !isOver;
}

async function giveUp(io: DispatchIo, job: DispatchJob, round: Round): Promise<void> {
  const why = round.reason === null ? '' : ` ${round.reason}`;
  const reason = `Not sent before its deadline.${why}`;
  const isOpen = (position: number) => round.statuses[position] === 'queued';
  await io.finish({
    ...leaseOf(job),
    attempt: null,
    next: { kind: 'done' },
    statusChanges: job.email.recipients.map((_, position) => (isOpen(position) ? 'failed' : null)),
    stateReason: reason,
    events: openRecipients(job, round.statuses).map((recipient) => ({
      type: 'failed',
      recipient,
      provider: null,
      connectionId: null,
      detail: reason,
      occurredAt: null,
    })),
  });
}

/** Nothing can take it now: it waits for a connection, a pause's end, or the next round. */
async function wait(
  io: DispatchIo,
  job: DispatchJob,
  { round, plan }: { round: Round; plan: Plan<RoutableConnection> },
): Promise<void> {
  const { rounds } = job.claim;
  const wasTried = round.tried.size > 0;
  const pauseMs =
    plan.waitUntil === null ? WAIT_MS : msUntil(io, plan.waitUntil) + 250 * io.random();
  await io.finish({
    ...leaseOf(job),
    attempt: null,
    next: wasTried
      ? { kind: 'wait', delayMs: retryDelay(io, job, round), rounds: rounds + 1 }
      : { kind: 'wait', delayMs: pauseMs, rounds },
    statusChanges: [],
    stateReason: wasTried ? round.reason : plan.waitReason,
    events: [],
  });
}
