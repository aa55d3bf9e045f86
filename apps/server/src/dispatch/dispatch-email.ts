import type { EmailStatus } from '@courierx/contract';
import { newId } from '../lib/ids.ts';
import {
  FAULT_REASONS,
  type FaultReason,
  type Outcome,
  type Unknown,
} from '../providers/outcome.ts';
import { hasLeft } from '../providers/status.ts';
import type { AttemptResult, NewEvent, NextStep } from '../queue/finish-attempts.ts';
import type { LastAttempt } from '../queue/load-emails.ts';
import type { RoutableConnection } from './connections.ts';
import type {
  AttemptAnswer,
  AttemptCall,
  DispatchIo,
  DispatchJob,
  InDoubt,
} from './dispatch-io.ts';
import type { Pause, Use } from './health.ts';
import { withPause } from './local-pauses.ts';
import { decide, type Decision } from './policy/decide.ts';
import { keepWarm } from './policy/keep-warm.ts';
import { planNext, type Plan } from './policy/plan.ts';
import { receiversOf } from './policy/receiver.ts';
import { retryDelayMs } from './policy/retry.ts';
import { withKnown } from './policy/route.ts';
import { applySettlement, SETTLE_WINDOW_MS, type Settled } from './policy/settle.ts';

/** A mail that nothing can take is looked at again after this, should no change wake it before. */
const WAIT_MS = 5 * 60_000;

type Round = {
  number: number;
  readonly statuses: EmailStatus[];
  readonly tried: Set<string>;
  readonly retryAfterMs: (number | null)[];
  /** Connections that would take this mail, but not now. */
  readonly waits: Map<string, Pause>;
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
    waits: new Map(),
    reason: email.reason,
  };
  if (openRecipients(job, round.statuses).length === 0) return leave(io, job);
  if (!(await settleLastAttempt(io, job, round))) return;
  if (!(await leaveOutSuppressed(io, job, round))) return;
  if (io.now() >= email.deadline) {
    const isInDoubt = email.lastAttempt?.outcome === 'unknown';
    const why = isInDoubt ? 'Its deadline has passed.' : 'Not sent before its deadline.';
    return giveUp(io, job, { round, why });
  }
  for (;;) {
    const plan = planRound(io, job, round);
    if (!plan.next) return wait(io, job, { round, plan });
    const isOver = await tryOnce(io, job, { round, connection: plan.next, trace: plan.trace });
    if (isOver) return;
  }
}

/** An event of the provider told, while it waited, that it had reached everybody it could. */
async function leave(io: DispatchIo, job: DispatchJob): Promise<void> {
  const { claim, email } = job;
  const { lastAttempt: last } = email;
  // First, as the mail is not looked at again once it is done.
  if (last && unknownOf(last)) {
    const left = email.recipients.filter((_, index) => hasLeft(email.recipientStatuses[index]));
    const recipients = left.map(({ address }) => address);
    const { accountId, emailId } = claim;
    await io.closeAttempt({ accountId, emailId, number: last.number, recipients });
  }
  const next = { kind: 'done' } as const;
  await io.finish({ ...leaseOf(job), ...UNCHANGED, next, stateReason: null });
}

/** Of a step that only moves the mail's place in the queue. */
const UNCHANGED = { attempt: null, statusChanges: [], events: [], reports: null } as const;

function openRecipients(job: DispatchJob, statuses: readonly EmailStatus[]): string[] {
  return job.email.recipients
    .filter((_, position) => statuses[position] === 'queued')
    .map((recipient) => recipient.address);
}

function planRound(io: DispatchIo, job: DispatchJob, round: Round): Plan<RoutableConnection> {
  const now = io.now();
  const receivers = receiversOf(openRecipients(job, round.statuses));
  const { route } = job;
  const warm = { ...route, steps: keepWarm(route.steps, job.email.id) };
  const known = withKnown(warm, ({ connection, isInsisted }) => {
    const use = { connection, receivers, now, isInsisted };
    return withPause(connection, round.waits.get(connection.id) ?? io.pauseOf(use));
  });
  return planNext({ route: known, mode: job.email.mode, tried: round.tried, now });
}

type Step = { round: Round; connection: RoutableConnection; trace: readonly string[] };

/** An attempt, if the connection has room for it; true when this worker is through with the email. */
async function tryOnce(io: DispatchIo, job: DispatchJob, step: Step): Promise<boolean> {
  const { round, connection, trace } = step;
  const recipients = openRecipients(job, round.statuses);
  const isInsisted = job.route.steps.some(
    (other) => other.isInsisted && other.connection.id === connection.id,
  );
  const about = { connection, receivers: receiversOf(recipients), isInsisted };
  const giveBack = await io.slot(job, { ...about, now: io.now() });
  // It rests: what pauses it is known, and the next look passes it over.
  if (giveBack === null) return false;
  if (giveBack === 'changed') return takeAnew(io, job, round);
  let call: AttemptCall;
  let answer: AttemptAnswer;
  try {
    const use: Use = { ...about, now: io.now() };
    const permit = await io.admit(use);
    if (permit.kind === 'wait') {
      const until = new Date(use.now.getTime() + Math.max(1, permit.delayMs));
      round.waits.set(connection.id, { until, reason: permit.reason, isDoubt: false });
      return false;
    }
    round.number += 1;
    round.tried.add(connection.id);
    call = { ...use, recipients, trace, permit, number: round.number };
    answer = await io.attempt(job, call);
  } finally {
    giveBack();
  }
  return answer === 'lost' || followAnswer(io, job, { round, call, answer });
}

/** To the queue and back, so that it is routed by what is true now. */
async function takeAnew(io: DispatchIo, job: DispatchJob, round: Round): Promise<true> {
  const next = { kind: 'wait', delayMs: 0, rounds: job.claim.rounds } as const;
  await io.finish({ ...leaseOf(job), ...UNCHANGED, next, stateReason: round.reason });
  return true;
}

type Answered = {
  readonly round: Round;
  readonly call: AttemptCall;
  readonly answer: Exclude<AttemptAnswer, 'lost'>;
};

/** What follows from an attempt; true when this worker is through with the email. */
async function followAnswer(
  io: DispatchIo,
  job: DispatchJob,
  { round, call, answer }: Answered,
): Promise<boolean> {
  const { connection, recipients } = call;
  const { latencyMs } = answer;
  const { outcome, askAgainMs } =
    answer.outcome.kind === 'unknown'
      ? await settle(io, job, { ...call, unknown: answer.outcome, startedAt: call.now })
      : { outcome: answer.outcome, askAgainMs: null };
  round.retryAfterMs.push(outcome.kind === 'failed' ? outcome.retryAfterMs : null);
  // The mail that reveals refused credentials stops; those that were on their way with it need not.
  const onAuthFailure = answer.isKnownRefused ? 'fail_over' : job.email.onAuthFailure;
  const decision = decide(outcome, recipients, { ...job.email, onAuthFailure });
  const attempt = toResult(round.number, outcome, latencyMs);
  return applyDecision(io, job, { round, decision, attempt, connection, askAgainMs });
}

async function settle(
  io: DispatchIo,
  job: DispatchJob,
  inDoubt: InDoubt & { readonly unknown: Unknown },
): Promise<Settled> {
  const settlement = await io.settle(job, inDoubt);
  const ageMs = io.now().getTime() - inDoubt.startedAt.getTime();
  return applySettlement(inDoubt.unknown, settlement, { onUnknown: job.email.onUnknown, ageMs });
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
  /** Null: the attempt's row stays as it is. */
  readonly attempt: AttemptResult | null;
  readonly connection: Pick<RoutableConnection, 'id' | 'provider'> | null;
  /** Set where the provider is to be asked again before anything else is done. */
  readonly askAgainMs: number | null;
};

async function applyDecision(io: DispatchIo, job: DispatchJob, applied: Applied): Promise<boolean> {
  const { round, decision, attempt, connection, askAgainMs } = applied;
  const changes = job.email.recipients.map(
    ({ address }, position) =>
      (round.statuses[position] === 'queued' ? decision.statuses.get(address) : null) ?? null,
  );
  changes.forEach((change, position) => {
    if (change !== null) round.statuses[position] = change;
  });
  round.reason = decision.reason;
  const next: NextStep =
    askAgainMs === null
      ? nextStep(io, job, { round, decision })
      : { kind: 'wait', delayMs: askAgainMs, rounds: job.claim.rounds };
  const held = await io.finish({
    ...leaseOf(job),
    attempt,
    next,
    statusChanges: changes,
    stateReason: next.kind === 'done' && round.statuses.includes('sent') ? null : decision.reason,
    events: decision.events.map((event) => toEvent(event, connection)),
    reports: connection ? { connectionId: connection.id, events: decision.reports } : null,
  });
  return !held || next.kind !== 'keep';
}

function toEvent(event: Decision['events'][number], connection: Applied['connection']): NewEvent {
  return {
    ...event,
    id: newId(),
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
 * The last attempt may be in doubt: left open by a worker that is gone, or answered by nobody. Its
 * provider is asked where it can tell; then the account's policy says what follows. Every line may
 * be the last one of this process: what is asked is on record, and is asked again. False when the
 * email is left.
 */
async function settleLastAttempt(io: DispatchIo, job: DispatchJob, round: Round): Promise<boolean> {
  const { claim, email } = job;
  const { lastAttempt: last } = email;
  const unknown = last && unknownOf(last);
  if (!unknown) return true;
  const isOpen = last.outcome === null;
  const isReleased = claim.release?.attempt === last.number;
  if (isReleased && claim.release.action === 'give_up') {
    await giveUp(io, job, { round, why: 'Given up on request.' });
    return false;
  }
  const startedAt = new Date(last.startedAt);
  const isHeld = email.onUnknown === 'hold' && !isReleased;
  const isFresh = io.now().getTime() - startedAt.getTime() < SETTLE_WINDOW_MS;
  const connection = job.connections.find(({ id }) => id === last.connectionId) ?? null;
  const recipients = openRecipients(job, round.statuses);
  const inDoubt = { number: last.number, recipients, startedAt, unknown };
  const { outcome, askAgainMs } =
    connection && !isReleased && (isOpen || isHeld || isFresh)
      ? await settle(io, job, { ...inDoubt, connection })
      : { outcome: unknown, askAgainMs: null };
  if (outcome.kind === 'unknown' && io.now() >= email.deadline && !isOpen) return true;
  if (outcome.kind === 'unknown' && askAgainMs === null && !isOpen && !isHeld) {
    if (!isReleased && isFresh) preferOthers(io, job, round);
    return true;
  }
  if (isOpen || outcome.kind !== 'unknown') round.tried.add(last.connectionId);
  const decision = decide(outcome, recipients, email);
  const attempt =
    isOpen || outcome.kind !== 'unknown' ? toResult(last.number, outcome, null) : null;
  return !(await applyDecision(io, job, { round, decision, attempt, connection, askAgainMs }));
}

/** An attempt in doubt as the outcome it is; null for one whose end is known. */
function unknownOf(last: LastAttempt): Unknown | null {
  if (last.outcome === null) {
    return {
      kind: 'unknown',
      reason: 'worker_lost',
      detail: 'the worker that made this attempt ended before it recorded an answer',
      statusCode: null,
    };
  }
  if (last.outcome !== 'unknown') return null;
  const { statusCode, detail } = last;
  return { kind: 'unknown', reason: toReason(last.reason), detail: detail ?? '', statusCode };
}

function toReason(word: string | null): FaultReason {
  return FAULT_REASONS.find((reason) => reason === word) ?? 'unreadable_response';
}

/** The next connection, where there is one: a second copy from the same provider helps nobody. */
function preferOthers(io: DispatchIo, job: DispatchJob, round: Round): void {
  const connectionId = job.email.lastAttempt?.connectionId;
  if (connectionId === undefined || job.email.onUnknown !== 'fail_over') return;
  round.tried.add(connectionId);
  if (!planRound(io, job, round).next) round.tried.delete(connectionId);
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
    reports: null,
    events: hits.map(({ address }) => ({
      id: newId(),
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

async function giveUp(
  io: DispatchIo,
  job: DispatchJob,
  { round, why }: { round: Round; why: string },
): Promise<void> {
  const reason = round.reason === null ? why : `${why} ${round.reason}`;
  const isOpen = (position: number) => round.statuses[position] === 'queued';
  await io.finish({
    ...leaseOf(job),
    attempt: null,
    next: { kind: 'done' },
    statusChanges: job.email.recipients.map((_, position) => (isOpen(position) ? 'failed' : null)),
    stateReason: reason,
    reports: null,
    events: openRecipients(job, round.statuses).map((recipient) => ({
      id: newId(),
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
  const leftMs = plan.waitUntil === null ? WAIT_MS : msUntil(io, plan.waitUntil);
  // Those that wait for the same moment do not all come back at once.
  const pauseMs = leftMs + Math.min(250, leftMs / 5) * io.random();
  await io.finish({
    ...leaseOf(job),
    ...UNCHANGED,
    next: wasTried
      ? { kind: 'wait', delayMs: retryDelay(io, job, round), rounds: rounds + 1 }
      : { kind: 'wait', delayMs: pauseMs, rounds },
    stateReason: wasTried ? round.reason : plan.waitReason,
  });
}
