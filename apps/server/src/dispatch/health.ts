import { LRUCache } from 'lru-cache';
import type { Outcome } from '../providers/outcome.ts';
import { invalidateConnection } from '../queue/invalidate-connection.ts';
import {
  openBreaker,
  passProbe,
  releaseProbe,
  reopenBreaker,
  takeProbe,
} from '../queue/move-breaker.ts';
import { pauseConnection } from '../queue/pause-connection.ts';
import type { RoutableConnection } from './connections.ts';
import type { DispatchDeps } from './deps.ts';
import { GO, type Admission, type Pacer } from './pacer.ts';
import {
  addEntry,
  judge,
  nextOpening,
  PROBES_AT_ONCE,
  shouldOpen,
  shouldOpenReceiver,
  SUCCESSES_TO_CLOSE,
  type Breaker,
  type Judgement,
  type Tally,
} from './policy/breaker.ts';
import { paceOf, restMs } from './policy/pacing.ts';
import { EVERY_RECEIVER } from './policy/receiver.ts';

/** One mail's use of one connection. */
export type Use = {
  readonly connection: RoutableConnection;
  readonly receivers: readonly string[];
  readonly now: Date;
};

export type Pause = { readonly until: Date; readonly reason: string };

/** A right to make one attempt; `probes` names the breakers it is a probe of. */
export type Permit = { readonly kind: 'go'; readonly probes: readonly string[] };

/** The permit, or how long to wait before asking again. */
export type Admitted = Permit | Extract<Admission, { kind: 'wait' }>;

export type Ended = Use & {
  readonly emailId: string;
  readonly probes: readonly string[];
  readonly outcome: Outcome;
};

/** Says whether a connection can be used now, and learns from what attempts came to. */
export type HealthKeeper = {
  /** Until when, as far as is known here, the connection takes none of this mail. */
  pauseOf(use: Use): Pause | null;
  /** Asks for what an attempt needs: a token of its pace, a permit to probe. */
  admit(use: Use): Admitted | Promise<Admitted>;
  /** Gives back what was asked for an attempt that was not made. */
  release(use: Use, permit: Permit): Promise<void>;
  /**
   * Resolves to whether the credentials had been found refused before: then the mail did not reveal
   * it, and need not stop.
   */
  record(ended: Ended): Promise<{ isKnownRefused: boolean }>;
};

/** The longest an attempt takes; a probe's permit lapses then. */
const PROBE_LIFE_MS = 75_000;
/** What was found out here is in the database and read from there with the next mails. */
const UNTIL_LOADED_MS = 5_000;
const NO_PROBES: Permit = { kind: 'go', probes: [] };
const KEYS = 20_000;

export function createHealthKeeper(deps: DispatchDeps, pacer: Pacer): HealthKeeper {
  const { pool } = deps.database;
  const tallies = new LRUCache<string, Tally>({ max: KEYS });
  /** What this process knows better than the rows it loaded, by its own clock. */
  const paused = new LRUCache<string, { untilMs: number; reason: string }>({ max: KEYS });
  const keyOf = ({ id, version }: RoutableConnection, receiver: string) =>
    `${id}:${version}:${receiver}`;

  function pause(connection: RoutableConnection, receiver: string, ms: number, reason: string) {
    const untilMs = performance.now() + Math.min(ms, UNTIL_LOADED_MS);
    paused.set(keyOf(connection, receiver), { untilMs, reason });
  }

  function isPausedHere(connection: RoutableConnection, receiver: string): boolean {
    return (paused.get(keyOf(connection, receiver))?.untilMs ?? 0) > performance.now();
  }

  function pauseOf({ connection, receivers, now }: Use): Pause | null {
    let found: Pause | null = null;
    const consider = (until: Date, reason: string) => {
      if (until > now && (found === null || until > found.until)) found = { until, reason };
    };
    if (connection.pausedUntil)
      consider(connection.pausedUntil, connection.pauseReason ?? 'paused');
    for (const breaker of breakersOf(connection, receivers)) {
      consider(breaker.nextProbeAt, describe(breaker));
    }
    if (paused.size > 0) {
      for (const receiver of [EVERY_RECEIVER, ...receivers]) {
        const known = paused.get(keyOf(connection, receiver));
        if (!known) continue;
        const leftMs = known.untilMs - performance.now();
        if (leftMs <= 0) paused.delete(keyOf(connection, receiver));
        else consider(new Date(now.getTime() + leftMs), known.reason);
      }
    }
    return found;
  }

  async function takeProbes(use: Use, receivers: readonly string[]): Promise<Permit | null> {
    const probes: string[] = [];
    for (const receiver of receivers) {
      const key = { ...keysOf(use.connection), receiver };
      if (await takeProbe(pool, { ...key, atOnce: PROBES_AT_ONCE, lifeMs: PROBE_LIFE_MS })) {
        probes.push(receiver);
        continue;
      }
      await releaseProbes(use, probes);
      return null;
    }
    return { kind: 'go', probes };
  }

  async function releaseProbes({ connection }: Use, probes: readonly string[]): Promise<void> {
    for (const receiver of probes) await releaseProbe(pool, { ...keysOf(connection), receiver });
  }

  async function admitSlowly(use: Use, toProbe: readonly Breaker[]): Promise<Admitted> {
    try {
      const permit = await takeProbes(
        use,
        toProbe.map(({ receiver }) => receiver),
      );
      if (permit === null) {
        const delayMs = 1_000 + 4_000 * deps.random();
        return { kind: 'wait', delayMs, reason: 'a few mails try it first' };
      }
      const admission = await pacer.admit(use.connection, use.now);
      if (admission.kind === 'go') return permit;
      await releaseProbes(use, permit.probes);
      return admission;
    } catch (error) {
      deps.log.warn({ err: error, connectionId: use.connection.id }, 'health not known');
      return { kind: 'wait', delayMs: 1_000, reason: 'its health is not known now' };
    }
  }

  function countIn(ended: Ended, judgement: Judgement): string[] {
    if (judgement.kind !== 'healthy' && judgement.kind !== 'fault') return [];
    const { connection, emailId, receivers } = ended;
    const isWhole = judgement.kind === 'fault' && judgement.isWhole;
    const fault =
      judgement.kind === 'healthy' ? null : isWhole ? EVERY_RECEIVER : receivers.join(' ');
    const concerned =
      receivers.length === 1 && !isWhole ? [EVERY_RECEIVER, ...receivers] : [EVERY_RECEIVER];
    return concerned.filter((receiver) => {
      const key = keyOf(connection, receiver);
      const before = tallies.get(key);
      if (!before && fault === null) return false;
      const tally = addEntry(before ?? [], { atMs: performance.now(), emailId, fault });
      if (tally.length === 0) tallies.delete(key);
      else tallies.set(key, tally);
      return receiver === EVERY_RECEIVER ? shouldOpen(tally) : shouldOpenReceiver(tally);
    });
  }

  async function open(ended: Ended, receiver: string, fault: Fault): Promise<void> {
    const { connection, now } = ended;
    const { reason, lastsMs } = fault;
    // The other mails of the same burst: one of them opens it.
    if (isPausedHere(connection, receiver)) return;
    const before = connection.breakers.find((breaker) => breaker.receiver === receiver) ?? null;
    const opening = nextOpening(before, { now, lastsMs, random: deps.random });
    tallies.delete(keyOf(connection, receiver));
    pause(connection, receiver, opening.openMs, `not working (${reason})`);
    const { version } = connection;
    if (await openBreaker(pool, { ...keysOf(connection), version, receiver, reason, ...opening })) {
      report(connection, { receiver, state: 'open', reason, openMs: opening.openMs });
    }
  }

  async function endProbe(ended: Ended, receiver: string, judgement: Judgement): Promise<void> {
    const { connection, now } = ended;
    const key = { ...keysOf(connection), receiver };
    if (judgement.kind === 'healthy') {
      const successesToClose = SUCCESSES_TO_CLOSE;
      if (!(await passProbe(pool, { ...key, successesToClose }))) return;
      report(connection, { receiver, state: 'closed', reason: 'probes went well' });
      return;
    }
    const isTheirs =
      judgement.kind === 'fault' && (receiver === EVERY_RECEIVER || !judgement.isWhole);
    if (!isTheirs) return releaseProbe(pool, key);
    const before = connection.breakers.find((breaker) => breaker.receiver === receiver) ?? null;
    const { lastsMs, reason } = judgement;
    const opening = nextOpening(before, { now, lastsMs, random: deps.random });
    pause(connection, receiver, opening.openMs, `not working (${reason})`);
    if (await reopenBreaker(pool, { ...key, reason, ...opening })) {
      report(connection, { receiver, state: 'open', reason, openMs: opening.openMs });
    }
  }

  async function rest({ connection, now }: Ended, retryAfterMs: number | null): Promise<void> {
    if (isPausedHere(connection, EVERY_RECEIVER)) return;
    const pace = paceOf(connection.limits, connection.throttle, now);
    const delayMs = restMs(pace, retryAfterMs);
    const reason = 'rate limited';
    pause(connection, EVERY_RECEIVER, delayMs, reason);
    const { version } = connection;
    await pauseConnection(pool, { ...keysOf(connection), version, delayMs, reason });
    await pacer.throttle(connection, now);
    logOf(connection).info({ delayMs }, 'connection throttled');
  }

  function logOf({ accountId, id: connectionId, provider }: RoutableConnection) {
    return deps.log.child({ accountId, connectionId, provider });
  }

  function report(
    connection: RoutableConnection,
    moved: { receiver: string; state: 'open' | 'closed'; reason: string; openMs?: number },
  ): void {
    const { receiver, state, reason } = moved;
    const isWhole = receiver === EVERY_RECEIVER;
    deps.metrics.breakerMoved({ provider: connection.provider, state, isWhole, reason });
    if (state === 'open') logOf(connection).warn(moved, 'breaker open');
    else {
      paused.delete(keyOf(connection, receiver));
      logOf(connection).info(moved, 'breaker closed');
    }
  }

  return {
    pauseOf,
    admit(use) {
      const toProbe = breakersOf(use.connection, use.receivers);
      if (toProbe.length > 0) return admitSlowly(use, toProbe);
      const admission = pacer.admit(use.connection, use.now);
      if (admission === GO) return NO_PROBES;
      return Promise.resolve(admission).then((answer) =>
        answer.kind === 'go' ? NO_PROBES : answer,
      );
    },
    async release(use, permit) {
      await releaseProbes(use, permit.probes);
      await pacer.giveBack(use.connection);
    },
    async record(ended) {
      const { connection, outcome, probes } = ended;
      pacer.countCall(connection);
      const judgement = judge(outcome, connection.provider);
      const tripped = countIn(ended, judgement);
      for (const probe of probes) await endProbe(ended, probe, judgement);
      if (outcome.kind === 'failed') await pacer.giveBack(connection);
      if (judgement.kind === 'fault') {
        const isLasting = judgement.lastsMs !== null;
        for (const receiver of isLasting ? [EVERY_RECEIVER] : tripped) {
          await open(ended, receiver, judgement);
        }
      } else if (judgement.kind === 'throttled') {
        await rest(ended, judgement.retryAfterMs);
      } else if (judgement.kind === 'refused') {
        return { isKnownRefused: !(await invalidate(ended, judgement.message)) };
      }
      return { isKnownRefused: false };
    },
  };

  async function invalidate({ connection }: Ended, message: string): Promise<boolean> {
    pause(connection, EVERY_RECEIVER, UNTIL_LOADED_MS, 'the provider refuses its credentials');
    const { version } = connection;
    const isFirst = await invalidateConnection(pool, { ...keysOf(connection), version, message });
    if (isFirst)
      logOf(connection).error({ message }, 'connection refused: its credentials are invalid');
    return isFirst;
  }
}

type Fault = Pick<Extract<Judgement, { kind: 'fault' }>, 'reason' | 'lastsMs'>;

const keysOf = ({ accountId, id }: RoutableConnection) => ({ accountId, connectionId: id });

/** The breakers that stand between this mail and the connection. */
function breakersOf(
  { breakers }: RoutableConnection,
  receivers: readonly string[],
): readonly Breaker[] {
  if (breakers.length === 0) return breakers;
  return breakers.filter(
    ({ state, receiver }) =>
      state !== 'closed' && (receiver === EVERY_RECEIVER || receivers.includes(receiver)),
  );
}

function describe({ receiver, reason }: Breaker): string {
  const where = receiver === EVERY_RECEIVER ? '' : ` for ${receiver}`;
  return `not working${where} (${reason})`;
}
