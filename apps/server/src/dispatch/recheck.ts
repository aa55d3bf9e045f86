import type pg from 'pg';
import type { Logger } from 'pino';
import { createBatcher } from '../lib/batcher.ts';
import { WAKE_STEP, wakeStep } from '../queue/wake-waiting.ts';
import type { ConnectionLoader, RoutableConnection } from './connections.ts';
import { loadGrounds } from './routes.ts';
import type { Rule } from './policy/route.ts';

/** What a mail's route was made from, as far as a change of it could let the mail go. */
export type Ground = {
  readonly accountId: string;
  /** Connections not disabled nor refused, with their versions. */
  readonly usable: ReadonlySet<string>;
  readonly rules: readonly Rule[];
};

export function groundOf(
  accountId: string,
  connections: readonly RoutableConnection[],
  rules: readonly Rule[] = [],
): Ground {
  const usable = connections.filter(
    ({ isDisabled, status }) => !isDisabled && status !== 'invalid',
  );
  return {
    accountId,
    usable: new Set(usable.map(({ id, version }) => `${id}:${version}`)),
    rules,
  };
}

function isNews(before: Ground, now: Ground): boolean {
  return (
    [...now.usable].some((connection) => !before.usable.has(connection)) ||
    JSON.stringify(before.rules) !== JSON.stringify(now.rules)
  );
}

/**
 * Looks again after a mail was laid down to wait: a change that was made while it was under way woke
 * only what waited then. Where it could let the mail go, the account's waiting mail is woken once more.
 * (A change that comes later finds the mail waiting.) Never rejects: what is missed costs time alone.
 */
export function createRecheck(deps: {
  readonly pool: pg.Pool;
  readonly log: Logger;
  readonly loadConnections: ConnectionLoader;
  readonly onWoken: () => void;
}): (ground: Ground) => Promise<void> {
  const { pool, log, onWoken } = deps;

  async function lookAgain(grounds: readonly Ground[]): Promise<void> {
    const accountIds = [...new Set(grounds.map(({ accountId }) => accountId))];
    const { connections, rules } = await loadGrounds(deps, accountIds);
    const changed = accountIds.filter((accountId) => {
      const now = groundOf(accountId, connections.get(accountId) ?? [], rules.get(accountId));
      return grounds.some((ground) => ground.accountId === accountId && isNews(ground, now));
    });
    for (const accountId of changed) {
      while ((await wakeStep(pool, accountId)) === WAKE_STEP) onWoken();
    }
    if (changed.length > 0) onWoken();
  }

  const batcher = createBatcher<Ground, null>({
    maxItems: 128,
    maxRunning: 1,
    run: async (grounds) => {
      await lookAgain(grounds);
      return grounds.map(() => null);
    },
  });
  return async (ground) => {
    try {
      await batcher.add(ground);
    } catch (error) {
      log.warn({ err: error, accountId: ground.accountId }, 'not looked at again before its time');
    }
  };
}
