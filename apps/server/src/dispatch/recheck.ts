import type pg from 'pg';
import type { Logger } from 'pino';
import { createBatcher } from '../lib/batcher.ts';
import { WAKE_STEP, wakeStep } from '../queue/wake-waiting.ts';
import type { ConnectionLoader, RoutableConnection } from './connections.ts';
import { loadRules } from './routes.ts';
import type { Rule } from './policy/route.ts';

/** What a mail's route was made from, as far as an account's owner can change it. */
export type Ground = { readonly accountId: string; readonly fingerprint: string };

export function groundOf(
  accountId: string,
  connections: readonly RoutableConnection[],
  rules: readonly Rule[] = [],
): Ground {
  const state = connections.map(({ id, version, status, isDisabled }) => {
    return [id, version, status, isDisabled];
  });
  return { accountId, fingerprint: JSON.stringify([state, rules]) };
}

/**
 * Looks again after a mail was laid down to wait: a change that was made while it was under way woke
 * only what waited then. Where the ground has changed, the account's waiting mail is woken once more.
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
    const [connections, rules] = await Promise.all([
      deps.loadConnections(accountIds),
      loadRules(pool, accountIds),
    ]);
    const changed = accountIds.filter((accountId) => {
      const now = groundOf(accountId, connections.get(accountId) ?? [], rules.get(accountId));
      return grounds.some(
        (ground) => ground.accountId === accountId && ground.fingerprint !== now.fingerprint,
      );
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
