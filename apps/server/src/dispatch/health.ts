import { invalidateConnection } from '../queue/invalidate-connection.ts';
import { pauseConnection } from '../queue/pause-connection.ts';
import { Breakers, describeBreaker, type Ended, type Use } from './breakers.ts';
import type { RoutableConnection } from './connections.ts';
import type { DispatchDeps } from './deps.ts';
import { LocalPauses, type Pause } from './local-pauses.ts';
import { GO, type Admission, type Pacer } from './pacer.ts';
import { isDoubt, judge, type Breaker } from './policy/breaker.ts';
import { restMs } from './policy/pacing.ts';
import { EVERY_RECEIVER } from './policy/receiver.ts';

export type { Ended, Use } from './breakers.ts';
export type { Pause } from './local-pauses.ts';

/** A right to make one attempt; `probes` names the breakers it is a probe of. */
export type Permit = { readonly kind: 'go'; readonly probes: readonly string[] };

/** The permit, or how long to wait before asking again. */
export type Admitted = Permit | Extract<Admission, { kind: 'wait' }>;

const NO_PROBES: Permit = { kind: 'go', probes: [] };
/** Between two requests of a mail for a probe's permit. */
const PROBE_WAIT_MS = { min: 1_000, more: 4_000 };

/** Says whether a connection can be used now, and learns from what attempts came to. */
export class HealthKeeper {
  readonly #deps: DispatchDeps;
  readonly #pacer: Pacer;
  readonly #pauses = new LocalPauses();
  readonly #breakers: Breakers;

  constructor(deps: DispatchDeps, pacer: Pacer) {
    this.#deps = deps;
    this.#pacer = pacer;
    this.#breakers = new Breakers(deps, this.#pauses);
  }

  /** Until when, as far as is known here, the connection takes none of this mail. */
  pauseOf(use: Use): Pause | null {
    const { connection, receivers, now, isInsisted } = use;
    const pauses = storedPausesOf(use);
    for (const receiver of [EVERY_RECEIVER, ...receivers]) {
      const pause = this.#pauses.get({ connection, receiver }, now);
      if (pause && !(isInsisted && pause.isDoubt)) pauses.push(pause);
    }
    return longestOf(pauses, now);
  }

  /**
   * Asks for what an attempt needs: a token of its pace, a permit to probe. A healthy connection
   * without limits is answered at once, and without the database.
   */
  admit(use: Use): Admitted | Promise<Admitted> {
    const toProbe = notClosed(use);
    if (toProbe.length > 0) return this.#admitProbe(use, toProbe);
    const admission = this.#pacer.admit(use.connection, use.now);
    return admission === GO ? NO_PROBES : toPermit(admission);
  }

  /** Gives back what was asked for an attempt that was not made. */
  async release({ connection }: Use, { probes }: Permit): Promise<void> {
    await this.#breakers.releaseProbes(connection, probes);
    await this.#pacer.giveBack(connection);
  }

  /**
   * Resolves to whether the credentials had been found refused before: then the mail did not reveal
   * it, and need not stop.
   */
  async record(ended: Ended): Promise<{ isKnownRefused: boolean }> {
    const { connection, outcome } = ended;
    this.#pacer.countCall(connection);
    const judgement = judge(outcome, connection.provider);
    await this.#breakers.record(ended, judgement);
    if (outcome.kind === 'failed') await this.#pacer.giveBack(connection);
    if (judgement.kind === 'throttled') await this.#rest(ended, judgement.retryAfterMs);
    if (judgement.kind !== 'refused') return { isKnownRefused: false };
    return { isKnownRefused: !(await this.#invalidate(connection, judgement.message)) };
  }

  async #admitProbe(use: Use, toProbe: readonly Breaker[]): Promise<Admitted> {
    const { connection, now } = use;
    const receivers = toProbe.map(({ receiver }) => receiver);
    try {
      const probes = await this.#breakers.takeProbes(connection, receivers);
      if (probes === null) {
        const delayMs = PROBE_WAIT_MS.min + PROBE_WAIT_MS.more * this.#deps.random();
        return { kind: 'wait', delayMs, reason: 'a few mails try it first' };
      }
      const admission = await this.#pacer.admit(connection, now);
      if (admission.kind === 'go') return { kind: 'go', probes };
      await this.#breakers.releaseProbes(connection, probes);
      return admission;
    } catch (error) {
      const { accountId, id: connectionId } = connection;
      this.#deps.log.warn({ err: error, accountId, connectionId }, 'health not known');
      return { kind: 'wait', delayMs: 1_000, reason: 'its health is not known now' };
    }
  }

  /** The provider asks for a pause: all of its mail keeps it, and goes on more slowly. */
  async #rest({ connection, now }: Ended, retryAfterMs: number | null): Promise<void> {
    const key = { connection, receiver: EVERY_RECEIVER };
    // The other mails of the same burst: one of them has said so.
    if (this.#pauses.has(key)) return;
    const { accountId, id: connectionId, version, limits } = connection;
    const ms = restMs(limits, retryAfterMs);
    const reason = 'rate limited';
    this.#pauses.set(key, { ms, reason, isDoubt: false });
    const { pool } = this.#deps.database;
    await pauseConnection(pool, { accountId, connectionId, version, delayMs: ms, reason });
    await this.#pacer.throttle(connection, now);
    this.#deps.log.info({ accountId, connectionId, delayMs: ms }, 'connection throttled');
  }

  /** True for the mail that revealed it. */
  async #invalidate(connection: RoutableConnection, message: string): Promise<boolean> {
    const { accountId, id: connectionId, version, provider } = connection;
    const reason = 'the provider refuses its credentials';
    this.#pauses.set(
      { connection, receiver: EVERY_RECEIVER },
      { ms: Infinity, reason, isDoubt: false },
    );
    const { pool } = this.#deps.database;
    const isFirst = await invalidateConnection(pool, { accountId, connectionId, version, message });
    // What the provider said is kept with the connection: it may repeat what it was sent.
    const line = { accountId, connectionId, provider };
    if (isFirst) this.#deps.log.error(line, 'connection refused: its credentials are invalid');
    return isFirst;
  }
}

/** What the database says of a connection that keeps a mail away from it now. */
export function storedPauseOf(use: Use): Pause | null {
  return longestOf(storedPausesOf(use), use.now);
}

function storedPausesOf(use: Use): Pause[] {
  const pauses: Pause[] = notClosed(use).map((breaker) => ({
    until: breaker.nextProbeAt,
    reason: describeBreaker(breaker),
    isDoubt: isDoubt(breaker),
  }));
  const { pausedUntil: until, pauseReason } = use.connection;
  if (until) pauses.push({ until, reason: pauseReason ?? 'paused', isDoubt: false });
  return pauses;
}

function longestOf(pauses: Pause[], now: Date): Pause | null {
  const [longest] = pauses.sort((a, b) => b.until.getTime() - a.until.getTime());
  return longest && longest.until > now ? longest : null;
}

/** The breakers that stand between this mail and the connection. */
function notClosed({ connection, receivers, isInsisted }: Use): readonly Breaker[] {
  const { breakers } = connection;
  if (breakers.length === 0) return breakers;
  return breakers.filter(
    (breaker) =>
      breaker.state !== 'closed' &&
      (breaker.receiver === EVERY_RECEIVER || receivers.includes(breaker.receiver)) &&
      !(isInsisted && isDoubt(breaker)),
  );
}

async function toPermit(admission: Admission | Promise<Admission>): Promise<Admitted> {
  const answer = await admission;
  return answer.kind === 'go' ? NO_PROBES : answer;
}
