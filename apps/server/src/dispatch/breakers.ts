import { LRUCache } from 'lru-cache';
import type { Outcome } from '../providers/outcome.ts';
import {
  openBreaker,
  passProbe,
  releaseProbe,
  reopenBreaker,
  takeProbe,
  type BreakerKey,
} from '../queue/move-breaker.ts';
import type { RoutableConnection } from './connections.ts';
import type { DispatchDeps } from './deps.ts';
import { toText, type LocalPauses, type PauseKey } from './local-pauses.ts';
import {
  addEntry,
  nextOpening,
  PROBES_AT_ONCE,
  shouldOpen,
  shouldOpenReceiver,
  SUCCESSES_TO_CLOSE,
  type Breaker,
  type Judgement,
  type Opening,
  type Tally,
} from './policy/breaker.ts';
import { EVERY_RECEIVER } from './policy/receiver.ts';

/** One mail's use of one connection. */
export type Use = {
  readonly connection: RoutableConnection;
  readonly receivers: readonly string[];
  /** The database's clock. */
  readonly now: Date;
  /** A doubt of its health does not keep this mail away. */
  readonly isInsisted: boolean;
};

export type Ended = Use & {
  readonly emailId: string;
  /** The breakers this attempt was a probe of. */
  readonly probes: readonly string[];
  readonly outcome: Outcome;
};

type Fault = Extract<Judgement, { kind: 'fault' }>;

/** The longest an attempt takes; a probe's permit lapses then. */
const PROBE_LIFE_MS = 75_000;

/**
 * Opens, probes and closes breakers for this process. Outcomes are counted here and in no row: the
 * database is told of transitions only, and makes sure that each happens once.
 */
export class Breakers {
  readonly #deps: DispatchDeps;
  readonly #pauses: LocalPauses;
  readonly #tallies = new LRUCache<string, Tally>({ max: 20_000 });

  constructor(deps: DispatchDeps, pauses: LocalPauses) {
    this.#deps = deps;
    this.#pauses = pauses;
  }

  /** Asks for a probe of each breaker given; null where one has as many as it may. */
  async takeProbes(
    connection: RoutableConnection,
    receivers: readonly string[],
  ): Promise<readonly string[] | null> {
    const probes: string[] = [];
    for (const receiver of receivers) {
      const limits = { atOnce: PROBES_AT_ONCE, lifeMs: PROBE_LIFE_MS };
      const isTaken = await takeProbe(this.#pool, {
        ...keyOf({ connection, receiver }),
        ...limits,
      });
      if (!isTaken) {
        await this.releaseProbes(connection, probes);
        return null;
      }
      probes.push(receiver);
    }
    return probes;
  }

  async releaseProbes(connection: RoutableConnection, receivers: readonly string[]): Promise<void> {
    for (const receiver of receivers) {
      await releaseProbe(this.#pool, keyOf({ connection, receiver }));
    }
  }

  /** Learns from an attempt. Of a healthy connection this is no more than a look into a map. */
  async record(ended: Ended, judgement: Judgement): Promise<void> {
    const tripped = this.#count(ended, judgement);
    for (const receiver of ended.probes) await this.#endProbe(ended, { receiver, judgement });
    if (judgement.kind !== 'fault') return;
    const isLasting = judgement.lastsMs !== null;
    for (const receiver of isLasting ? [EVERY_RECEIVER] : tripped) {
      await this.#open(ended, { receiver, fault: judgement });
    }
  }

  get #pool() {
    return this.#deps.database.pool;
  }

  /** The breakers that this outcome is one too many for. */
  #count({ connection, emailId, receivers }: Ended, judgement: Judgement): readonly string[] {
    if (judgement.kind !== 'healthy' && judgement.kind !== 'fault') return [];
    const isWhole = judgement.kind === 'fault' && judgement.isWhole;
    const ofReceiver = isWhole ? EVERY_RECEIVER : receivers.join(' ');
    const fault = judgement.kind === 'fault' ? ofReceiver : null;
    const concerned =
      receivers.length === 1 && !isWhole ? [EVERY_RECEIVER, ...receivers] : [EVERY_RECEIVER];
    return concerned.filter((receiver) => {
      const key = toText({ connection, receiver });
      const before = this.#tallies.get(key);
      if (!before && fault === null) return false;
      const tally = addEntry(before ?? [], { atMs: performance.now(), emailId, fault });
      if (tally.length === 0) this.#tallies.delete(key);
      else this.#tallies.set(key, tally);
      return receiver === EVERY_RECEIVER ? shouldOpen(tally) : shouldOpenReceiver(tally);
    });
  }

  async #open(
    ended: Ended,
    { receiver, fault }: { receiver: string; fault: Fault },
  ): Promise<void> {
    const key = { connection: ended.connection, receiver };
    // The other mails of the same burst: one of them opens it.
    if (this.#pauses.has(key)) return;
    this.#tallies.delete(toText(key));
    const opening = this.#leaveAlone(ended, { receiver, fault });
    const { version } = ended.connection;
    const { reason } = fault;
    if (await openBreaker(this.#pool, { ...keyOf(key), version, reason, ...opening })) {
      this.#report(key, { state: 'open', reason, openMs: opening.openMs });
    }
  }

  async #endProbe(
    ended: Ended,
    { receiver, judgement }: { receiver: string; judgement: Judgement },
  ): Promise<void> {
    const key = { connection: ended.connection, receiver };
    if (judgement.kind === 'healthy') return this.#passProbe(key);
    const isOurs =
      judgement.kind === 'fault' && (receiver === EVERY_RECEIVER || !judgement.isWhole);
    if (!isOurs) return releaseProbe(this.#pool, keyOf(key));
    const opening = this.#leaveAlone(ended, { receiver, fault: judgement });
    const { reason } = judgement;
    if (await reopenBreaker(this.#pool, { ...keyOf(key), reason, ...opening })) {
      this.#report(key, { state: 'open', reason, openMs: opening.openMs });
    }
  }

  async #passProbe(key: PauseKey): Promise<void> {
    const successesToClose = SUCCESSES_TO_CLOSE;
    if (!(await passProbe(this.#pool, { ...keyOf(key), successesToClose }))) return;
    this.#pauses.delete(key);
    this.#report(key, { state: 'closed', reason: 'probes went well' });
  }

  #leaveAlone(
    { connection, now }: Ended,
    { receiver, fault }: { receiver: string; fault: Fault },
  ): Opening {
    const { lastsMs, reason } = fault;
    const before = connection.breakers.find((breaker) => breaker.receiver === receiver) ?? null;
    const opening = nextOpening(before, { now, lastsMs, random: this.#deps.random });
    const why = describeBreaker({ receiver, reason });
    const isDoubt = fault.lastsMs === null;
    this.#pauses.set({ connection, receiver }, { ms: opening.openMs, reason: why, isDoubt });
    return opening;
  }

  #report(
    { connection, receiver }: PauseKey,
    moved: { state: 'open' | 'closed'; reason: string; openMs?: number },
  ): void {
    const { accountId, id: connectionId, provider } = connection;
    const { state, reason } = moved;
    const isWhole = receiver === EVERY_RECEIVER;
    this.#deps.metrics.breakerMoved({ provider, state, isWhole, reason });
    const line = { accountId, connectionId, provider, receiver, ...moved };
    this.#deps.log[state === 'open' ? 'warn' : 'info'](line, `breaker ${state}`);
  }
}

function keyOf({ connection, receiver }: PauseKey): BreakerKey {
  return { accountId: connection.accountId, connectionId: connection.id, receiver };
}

export function describeBreaker({
  receiver,
  reason,
}: Pick<Breaker, 'receiver' | 'reason'>): string {
  const where = receiver === EVERY_RECEIVER ? '' : ` for ${receiver}`;
  // Not down, but asked for a long rest.
  return reason === 'rate limited' ? `${reason}${where}` : `not working${where} (${reason})`;
}
