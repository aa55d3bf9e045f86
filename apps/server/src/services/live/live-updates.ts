import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { ServiceError } from '../service-error.ts';
import { AccountWatch, type Listener } from './account-watch.ts';

/** Of one account, in one process. */
export const MAX_STREAMS = 20;
const POLL_MS = 1_000;
const RETRY_AFTER_SECONDS = 10;

type LiveDeps = Pick<ServiceDeps, 'database' | 'now'> & {
  /** Told once when an outage begins: nothing is lost by it but time. */
  readonly onPollFailed: (error: unknown) => void;
};

type Watched = { readonly watch: AccountWatch; stop(): void };

/**
 * Tells of changes as they happen, whichever node made them: the accounts that somebody watches are
 * looked at once a second, however many watch. Nobody who sends mail waits for it.
 */
export class LiveUpdates {
  readonly #deps: LiveDeps;
  readonly #watched = new Map<string, Watched>();

  constructor(deps: LiveDeps) {
    this.#deps = deps;
  }

  /**
   * Calls the listener until what it answers is called. `since`: also of what changed from then on.
   * Throws `rate_limited` where too many listen to the account.
   */
  subscribe(
    principal: Principal,
    { listener, since }: { listener: Listener; since: Date | null },
  ): () => void {
    requirePermission(principal, 'read');
    const { accountId } = principal;
    const watched = this.#watched.get(accountId) ?? this.#start(accountId);
    const { listeners } = watched.watch;
    if (listeners.size >= MAX_STREAMS) {
      throw new ServiceError(
        'rate_limited',
        `An account may have ${MAX_STREAMS} streams open at once; close one`,
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      );
    }
    listeners.add(listener);
    if (since) {
      watched.watch
        .emailsSince(since)
        .then((changes) => {
          if (listeners.has(listener)) listener(changes);
        })
        .catch(this.#deps.onPollFailed);
    }
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      watched.stop();
      if (this.#watched.get(accountId) === watched) this.#watched.delete(accountId);
    };
  }

  #start(accountId: string): Watched {
    const watch = new AccountWatch(this.#deps, accountId);
    let timer: NodeJS.Timeout | null = null;
    let isStopped = false;
    let isFailing = false;
    const look = async () => {
      try {
        await watch.poll();
        isFailing = false;
      } catch (error) {
        if (!isFailing && !isStopped) this.#deps.onPollFailed(error);
        isFailing = true;
      }
      if (!isStopped) timer = setTimeout(() => void look(), POLL_MS);
    };
    void look();
    const watched = {
      watch,
      stop() {
        isStopped = true;
        if (timer) clearTimeout(timer);
      },
    };
    this.#watched.set(accountId, watched);
    return watched;
  }
}
