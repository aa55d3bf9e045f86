import { LRUCache } from 'lru-cache';
import {
  returnToken,
  takeTokens,
  throttleConnection,
  type TokenGrant,
} from '../queue/take-tokens.ts';
import type { RoutableConnection } from './connections.ts';
import type { DispatchDeps } from './deps.ts';
import {
  callEveryMs,
  loweredRate,
  nextTurn,
  paceOf,
  TOKEN_LIFE_MS,
  tokensToTake,
  type Pace,
} from './policy/pacing.ts';

/** Whether a mail may go by a connection now. */
export type Admission =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly delayMs: number; readonly reason: string };

export const GO: Admission = { kind: 'go' };
/** The database could not be asked; what the mail waits for next will not be there either. */
const UNANSWERED_MS = 1_000;
const MAX_ASKED = 500;

type Waiter = (admission: Admission) => void;

/** What one process knows of one connection with limits. */
class Line {
  connection: RoutableConnection;
  pace: Pace;
  stock = 0;
  stockUntilMs = 0;
  /** No token will be there before. */
  emptyUntilMs = 0;
  emptyReason = '';
  endsAtMs = 0;
  waiters: Waiter[] = [];
  isAsking = false;
  timer: NodeJS.Timeout | null = null;

  constructor(connection: RoutableConnection, pace: Pace) {
    this.connection = connection;
    this.pace = pace;
  }

  takeFromStock(nowMs: number): boolean {
    if (this.stock === 0 || this.stockUntilMs <= nowMs) return false;
    this.stock -= 1;
    return true;
  }

  isIdle(nowMs: number): boolean {
    return this.endsAtMs <= nowMs && !this.isAsking && this.waiters.length === 0;
  }
}

/** Keeps connections with limits at their pace, together with the other workers. */
export class Pacer {
  readonly #deps: Pick<DispatchDeps, 'database' | 'log' | 'metrics'>;
  readonly #wake: () => void;
  readonly #lines = new Map<string, Line>();
  readonly #calls = new LRUCache<string, Calls>({ max: 10_000 });
  #isClosed = false;

  constructor(deps: Pick<DispatchDeps, 'database' | 'log' | 'metrics'>, wake: () => void) {
    this.#deps = deps;
    this.#wake = wake;
  }

  /** Answers at once, and without the database, for a connection that has no limits. */
  admit(connection: RoutableConnection, now: Date): Admission | Promise<Admission> {
    const pace = paceOf(connection.limits, connection.throttle, now);
    if (pace === null) return GO;
    const line = this.#lineOf(connection, pace);
    const nowMs = performance.now();
    if (line.takeFromStock(nowMs)) return GO;
    if (line.emptyUntilMs > nowMs) return this.#refuse(line);
    return new Promise((resolve) => {
      line.waiters.push(resolve);
      if (!line.isAsking) void this.#ask(line);
    });
  }

  countCall({ id }: RoutableConnection): void {
    const second = Math.floor(performance.now() / 1000);
    const known = this.#calls.get(id);
    if (known?.second === second) {
      known.count += 1;
      return;
    }
    const before = known?.second === second - 1 ? known.count : 0;
    this.#calls.set(id, { second, count: 1, before });
  }

  /** Lowers the pace after the provider refused a mail for speed. */
  async throttle({ accountId, id, limits, throttle }: RoutableConnection, now: Date) {
    const { count = 0, before = 0 } = this.#calls.get(id) ?? {};
    const observed = Math.max(count, before);
    const rate = loweredRate(limits, { throttle, observed, now });
    await throttleConnection(this.#deps.database.pool, { accountId, connectionId: id, rate });
  }

  /** The mail that was let go was certainly not sent. */
  async giveBack({ accountId, id, limits }: RoutableConnection): Promise<void> {
    if (limits.maxPerDay === null && limits.maxPerMonth === null) return;
    await returnToken(this.#deps.database.pool, { accountId, connectionId: id });
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#lines.values()) if (timer) clearTimeout(timer);
  }

  #lineOf(connection: RoutableConnection, pace: Pace): Line {
    const line = this.#lines.get(connection.id) ?? new Line(connection, pace);
    // Under another cap, nobody waits for the end of the day that the old one was used up for.
    if (isOther(line.pace, pace)) {
      line.emptyUntilMs = 0;
      line.endsAtMs = 0;
    }
    line.connection = connection;
    line.pace = pace;
    this.#lines.set(connection.id, line);
    return line;
  }

  async #ask(line: Line): Promise<void> {
    line.isAsking = true;
    while (line.waiters.length > 0) {
      const waiters = line.waiters.splice(0, MAX_ASKED);
      const grant = await this.#request(line, waiters.length);
      waiters.slice(0, grant.granted).forEach((waiter) => waiter(GO));
      const refused = waiters.slice(grant.granted);
      const nowMs = performance.now();
      line.stock = Math.max(0, grant.granted - waiters.length);
      line.stockUntilMs = nowMs + TOKEN_LIFE_MS;
      if (refused.length === 0) continue;
      line.emptyUntilMs = nowMs + grant.waitMs;
      line.emptyReason = explain(grant, line.pace);
      for (const waiter of refused) waiter(this.#refuse(line));
    }
    line.isAsking = false;
    this.#tick(line);
  }

  async #request(line: Line, waiting: number): Promise<TokenGrant> {
    const { accountId, id: connectionId } = line.connection;
    const wanted = tokensToTake(line.pace, waiting);
    try {
      return await takeTokens(this.#deps.database.pool, {
        ...{ accountId, connectionId, wanted, ...line.pace },
      });
    } catch (error) {
      const where = { err: error, accountId, connectionId };
      this.#deps.log.warn(where, 'pace not known; the mail waits');
      return { granted: 0, waitMs: UNANSWERED_MS, limit: null };
    }
  }

  #refuse(line: Line): Admission {
    const nowMs = performance.now();
    const waitMs = Math.max(0, line.emptyUntilMs - nowMs);
    const turn = nextTurn(line.pace.perSecond, { nowMs, waitMs, lineEndsAtMs: line.endsAtMs });
    line.endsAtMs = turn.lineEndsAtMs;
    this.#tick(line);
    this.#deps.metrics.paced(line.connection.provider);
    return { kind: 'wait', delayMs: turn.delayMs, reason: line.emptyReason };
  }

  /** Calls the dispatcher now and then, as long as mails stand in line; then forgets the line. */
  #tick(line: Line): void {
    if (line.timer || this.#isClosed) return;
    line.timer = setTimeout(() => {
      line.timer = null;
      if (line.isIdle(performance.now())) {
        this.#lines.delete(line.connection.id);
        return;
      }
      this.#wake();
      this.#tick(line);
    }, callEveryMs(line.pace.perSecond));
    line.timer.unref();
  }
}

/** How many mails went by a connection in this second and in the one before. */
type Calls = { second: number; count: number; before: number };

/** Rates move all the time; caps only when they are set anew. */
function isOther(before: Pace, now: Pace): boolean {
  return (
    before.perDay !== now.perDay ||
    before.perMonth !== now.perMonth ||
    (before.perSecond === null) !== (now.perSecond === null)
  );
}

function explain({ limit }: TokenGrant, pace: Pace): string {
  switch (limit) {
    case 'day':
      return `its cap of ${pace.perDay ?? 0} mails a day is used up`;
    case 'month':
      return `its cap of ${pace.perMonth ?? 0} mails a month is used up`;
    case 'second':
      return `paced to ${Math.round((pace.perSecond ?? 0) * 10) / 10} mails a second`;
    case null:
      return 'its pace is not known now';
  }
}
