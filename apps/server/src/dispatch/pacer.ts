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
  CATCH_UP_MS,
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

/** Keeps connections with limits at their pace, together with the other workers. */
export type Pacer = {
  /** Answers at once, and without the database, for a connection that has no limits. */
  admit(connection: RoutableConnection, now: Date): Admission | Promise<Admission>;
  countCall(connection: RoutableConnection): void;
  /** Lowers the pace after the provider refused a mail for speed. */
  throttle(connection: RoutableConnection, now: Date): Promise<void>;
  /** The mail that was let go was certainly not sent. */
  giveBack(connection: RoutableConnection): Promise<void>;
  close(): void;
};

type Waiter = (admission: Admission) => void;

/** What one process knows of one connection with limits. */
type Line = {
  connection: RoutableConnection;
  pace: Pace;
  stock: number;
  stockUntilMs: number;
  /** No token will be there before. */
  emptyUntilMs: number;
  emptyReason: string;
  endsAtMs: number;
  waiters: Waiter[];
  isAsking: boolean;
  timer: NodeJS.Timeout | null;
};

export function createPacer(
  { database, log, metrics }: Pick<DispatchDeps, 'database' | 'log' | 'metrics'>,
  wake: () => void,
): Pacer {
  const lines = new Map<string, Line>();
  const calls = new LRUCache<string, { second: number; count: number; before: number }>({
    max: 10_000,
  });
  let isClosed = false;

  function lineOf(connection: RoutableConnection, pace: Pace): Line {
    const known = lines.get(connection.id);
    const line = known ?? {
      ...{ connection, pace, stock: 0, stockUntilMs: 0, emptyUntilMs: 0, emptyReason: '' },
      ...{ endsAtMs: 0, waiters: [], isAsking: false, timer: null },
    };
    line.connection = connection;
    // A cap that was raised must not wait for the end of what the old one had left.
    if (known && isOther(known.pace, pace)) line.emptyUntilMs = 0;
    line.pace = pace;
    lines.set(connection.id, line);
    return line;
  }

  /** Calls the dispatcher now and then, as long as mails stand in line. */
  function tick(line: Line): void {
    if (line.timer || isClosed || line.pace.perSecond === null) return;
    const gapMs = Math.min(1_000, Math.max(20, 500 / line.pace.perSecond));
    line.timer = setTimeout(() => {
      line.timer = null;
      wake();
      if (line.endsAtMs > performance.now()) tick(line);
      else if (!line.isAsking && line.waiters.length === 0) lines.delete(line.connection.id);
    }, gapMs);
    line.timer.unref();
  }

  function refuse(line: Line): Admission {
    const nowMs = performance.now();
    const { perSecond } = line.pace;
    const waitMs = Math.max(0, line.emptyUntilMs - nowMs);
    const turn = nextTurn(perSecond, { nowMs, waitMs, lineEndsAtMs: line.endsAtMs });
    line.endsAtMs = turn.lineEndsAtMs;
    tick(line);
    metrics.paced(line.connection.provider);
    return { kind: 'wait', delayMs: turn.delayMs, reason: line.emptyReason };
  }

  async function ask(line: Line): Promise<void> {
    line.isAsking = true;
    while (line.waiters.length > 0) {
      const waiters = line.waiters.splice(0, MAX_ASKED);
      const grant = await request(line, waiters.length);
      waiters.slice(0, grant.granted).forEach((waiter) => waiter(GO));
      const refused = waiters.slice(grant.granted);
      const nowMs = performance.now();
      line.stock = Math.max(0, grant.granted - waiters.length);
      line.stockUntilMs = nowMs + TOKEN_LIFE_MS;
      if (refused.length === 0) continue;
      line.emptyUntilMs = nowMs + grant.waitMs;
      line.emptyReason = explain(grant, line.pace);
      for (const waiter of refused) waiter(refuse(line));
    }
    line.isAsking = false;
  }

  async function request(line: Line, waiting: number): Promise<TokenGrant> {
    const { accountId, id: connectionId } = line.connection;
    const wanted = tokensToTake(line.pace, waiting);
    try {
      return await takeTokens(database.pool, {
        ...{ accountId, connectionId, wanted, ...line.pace },
        catchUpMs: CATCH_UP_MS,
      });
    } catch (error) {
      log.warn({ err: error, connectionId }, 'pace not known; the mail waits');
      return { granted: 0, waitMs: UNANSWERED_MS, limit: null };
    }
  }

  return {
    admit(connection, now) {
      const pace = paceOf(connection.limits, connection.throttle, now);
      if (pace === null) return GO;
      const line = lineOf(connection, pace);
      const nowMs = performance.now();
      if (line.stock > 0 && line.stockUntilMs > nowMs) {
        line.stock -= 1;
        return GO;
      }
      if (line.emptyUntilMs > nowMs) return refuse(line);
      return new Promise((resolve) => {
        line.waiters.push(resolve);
        if (!line.isAsking) void ask(line);
      });
    },
    countCall({ id }) {
      const second = Math.floor(performance.now() / 1000);
      const known = calls.get(id);
      if (known?.second === second) known.count += 1;
      else {
        const before = known?.second === second - 1 ? known.count : 0;
        calls.set(id, { second, count: 1, before });
      }
    },
    async throttle({ accountId, id, limits, throttle }, now) {
      const { count = 0, before = 0 } = calls.get(id) ?? {};
      const observed = Math.max(count, before);
      const rate = loweredRate(limits, { throttle, observed, now });
      await throttleConnection(database.pool, { accountId, connectionId: id, rate });
    },
    async giveBack({ accountId, id, limits }) {
      if (limits.maxPerDay === null && limits.maxPerMonth === null) return;
      await returnToken(database.pool, { accountId, connectionId: id });
    },
    close() {
      isClosed = true;
      for (const { timer } of lines.values()) if (timer) clearTimeout(timer);
    },
  };
}

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
