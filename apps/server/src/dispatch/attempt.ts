import type { Logger } from 'pino';
import type { Outcome } from '../providers/outcome.ts';
import { loadAttachments } from '../queue/load-attachments.ts';
import { toStorable } from '../lib/storable.ts';
import { startPart, traceIdOf, type Span } from '../lib/tracer.ts';
import type { AttemptStart } from '../queue/start-attempts.ts';
import { createRoom } from '../lib/room.ts';
import type { DispatchDeps } from './deps.ts';
import type { AttemptAnswer, AttemptCall, DispatchJob } from './dispatch-io.ts';
import type { HealthKeeper } from './health.ts';
import { buildMessage } from './message.ts';

export type AttemptDeps = DispatchDeps & {
  /** Records that an attempt begins; resolves to whether the lease is still held. */
  readonly start: (start: AttemptStart) => Promise<boolean>;
  readonly health: HealthKeeper;
  /** Wraps the time that is waited for the provider, or for room. */
  readonly whileCalling: <T>(accountId: string, call: () => Promise<T>) => Promise<T>;
};

export type Attempter = (job: DispatchJob, call: AttemptCall) => Promise<AttemptAnswer>;

const MB = 1024 * 1024;
/**
 * Bytes of files held in memory at once; a mail takes about five times as many while it is sent. No
 * account has more than three quarters: what waits for its slow provider must not keep others waiting.
 */
const ROOM_FOR_FILES = { total: 64 * MB, perKey: 48 * MB };

/** Nothing in an attempt is cut short: a provider's time limits end it, or the process does. */
const NEVER = new AbortController().signal;

/** One attempt: on record first, then the call, then what it says of the connection's health. */
export function createAttempter(deps: AttemptDeps): Attempter {
  const room = createRoom(ROOM_FOR_FILES);
  return async (job, call) => {
    const { hasAttachments, files, accountId: key } = job.email;
    if (!hasAttachments) return makeAttempt(deps, job, call);
    const weight = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const leave = await deps.whileCalling(key, () => room.enter({ key, weight }));
    try {
      return await makeAttempt(deps, job, call);
    } finally {
      leave();
    }
  };
}

async function makeAttempt(
  deps: AttemptDeps,
  job: DispatchJob,
  call: AttemptCall,
): Promise<AttemptAnswer> {
  const { claim, email } = job;
  const { connection } = call;
  const attachments = email.hasAttachments ? await loadAttachments(deps.database.pool, email) : [];
  const held = await deps.start({
    accountId: claim.accountId,
    emailId: claim.emailId,
    lease: claim.lease,
    number: call.number,
    connectionId: connection.id,
    connectionName: connection.displayName,
    provider: connection.provider,
    trace: call.trace,
  });
  if (!held) {
    await release(deps, job, call);
    return 'lost';
  }
  const { recipients, number: attemptNumber } = call;
  const message = buildMessage(email, { recipients, attachments, attemptNumber });
  const span = startPart(deps.tracer, {
    ...{ name: 'attempt', kind: 'client', parent: email.traceparent },
    attributes: {
      'courierx.account_id': claim.accountId,
      'courierx.email_id': claim.emailId,
      'courierx.attempt': call.number,
      'courierx.provider': connection.provider,
      'courierx.connection_id': connection.id,
    },
  });
  const startedAt = performance.now();
  const outcome = await callProvider(deps, { job, connection, message });
  const latencyMs = Math.round(performance.now() - startedAt);
  endSpan(span, outcome, latencyMs);
  report(deps, { job, call, outcome, latencyMs });
  const isKnownRefused = await recordHealth(deps, { job, call, outcome });
  return { outcome, latencyMs, isKnownRefused };
}

/** Not what the provider said: that may name an address. */
function endSpan(span: Span | null, outcome: Outcome, latencyMs: number): void {
  const { kind, statusCode } = outcome;
  const reason = 'reason' in outcome ? outcome.reason : 'accepted';
  span?.end({
    attributes: {
      'courierx.outcome': kind,
      'courierx.reason': reason,
      'courierx.latency_ms': latencyMs,
      ...(statusCode !== null && { 'courierx.status_code': statusCode }),
    },
    ...(kind !== 'accepted' && { failure: reason }),
  });
}

type ProviderCall = {
  readonly job: DispatchJob;
  readonly connection: AttemptCall['connection'];
  readonly message: ReturnType<typeof buildMessage>;
};

async function callProvider(
  deps: AttemptDeps,
  { job, connection, message }: ProviderCall,
): Promise<Outcome> {
  const { accountId, emailId } = job.claim;
  const where = { accountId, emailId, connectionId: connection.id };
  const adapter = deps.providers.get(connection.provider);
  if (!adapter) {
    return fault('misconfigured', `This version has no adapter for ${connection.provider}`);
  }
  let opened;
  try {
    opened = connection.toProviderConnection();
  } catch (error) {
    deps.log.error({ err: error, ...where }, 'credentials can not be opened');
    return fault('misconfigured', 'The stored credentials can not be decrypted with this key');
  }
  try {
    const outcome = await deps.whileCalling(connection.accountId, () =>
      adapter.send(opened, message, NEVER),
    );
    // It is recorded together with those of other accounts.
    return toStorable(outcome);
  } catch (error) {
    // A bug of ours: how far the message got is not known, and must not be guessed.
    deps.log.error({ err: error, ...where }, 'adapter failed');
    return {
      kind: 'unknown',
      reason: 'unreadable_response',
      detail: 'CourierX failed while it sent this; see the log',
      statusCode: null,
    };
  }
}

function fault(reason: 'misconfigured', detail: string): Outcome {
  return {
    kind: 'failed',
    scope: 'connection',
    reason,
    detail,
    statusCode: null,
    retryAfterMs: null,
  };
}

type Attempted = {
  readonly job: DispatchJob;
  readonly call: AttemptCall;
  readonly outcome: Outcome;
};

/** One line an attempt, wide: what an operator asks for is on it. */
function report(deps: AttemptDeps, attempted: Attempted & { latencyMs: number }): void {
  const { job, call, outcome, latencyMs } = attempted;
  const reason = 'reason' in outcome ? outcome.reason : 'accepted';
  const { provider, id: connectionId } = call.connection;
  deps.metrics.attempt({ provider, outcome: outcome.kind, reason }, latencyMs);
  const level: keyof Pick<Logger, 'debug' | 'info'> =
    outcome.kind === 'accepted' ? 'debug' : 'info';
  deps.log[level](
    {
      accountId: job.claim.accountId,
      emailId: job.claim.emailId,
      attempt: call.number,
      provider,
      connectionId,
      outcome: outcome.kind,
      reason,
      statusCode: outcome.statusCode,
      latencyMs,
      traceId: traceIdOf(job.email.traceparent),
    },
    'attempt',
  );
}

/** Health is advice: failing to write it down must not cost the record of the attempt. */
async function recordHealth(
  deps: AttemptDeps,
  { job, call, outcome }: Attempted,
): Promise<boolean> {
  const { connection, receivers, permit, now, isInsisted } = call;
  const { accountId, emailId } = job.claim;
  try {
    const { isKnownRefused } = await deps.health.record({
      ...{ connection, receivers, now, isInsisted, emailId, outcome },
      probes: permit.probes,
    });
    return isKnownRefused;
  } catch (error) {
    const where = { accountId, emailId, connectionId: connection.id };
    deps.log.warn({ err: error, ...where }, 'health not recorded');
    return false;
  }
}

/** What is not given back lapses by itself. */
async function release(deps: AttemptDeps, job: DispatchJob, call: AttemptCall): Promise<void> {
  try {
    await deps.health.release(call, call.permit);
  } catch (error) {
    const { accountId, emailId } = job.claim;
    deps.log.warn({ err: error, accountId, emailId }, 'permit not given back');
  }
}
