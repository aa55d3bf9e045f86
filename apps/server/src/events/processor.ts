import { newId } from '../lib/ids.ts';
import { WorkLoop } from '../lib/work-loop.ts';
import type { EventsDeps } from './deps.ts';
import { processRequest } from './process-request.ts';
import { processWaiting } from './process-waiting.ts';
import { claimRequests, endRequest } from './requests.ts';
import { claimWaiting } from './waiting.ts';

export type ProcessorSettings = {
  /** How often is looked for work when nobody calls. */
  readonly pollMs: number;
  /** The longest one request may take; a dead worker's comes back after it. */
  readonly leaseMs: number;
  /** Requests worked on at once in this process. */
  readonly concurrency: number;
};

export const DEFAULT_PROCESSOR_SETTINGS: ProcessorSettings = {
  pollMs: 500,
  leaseMs: 60_000,
  concurrency: 4,
};

/** Works on what providers reported, apart from taking it, as long as it runs. */
export class EventProcessor {
  readonly #deps: EventsDeps;
  readonly #settings: ProcessorSettings;
  readonly #loop: WorkLoop;

  constructor(deps: EventsDeps, settings: ProcessorSettings = DEFAULT_PROCESSOR_SETTINGS) {
    this.#deps = deps;
    this.#settings = settings;
    this.#loop = new WorkLoop({
      look: () => this.#step(),
      onError: (error) => deps.log.warn({ err: error }, 'provider events wait for the database'),
      pollMs: settings.pollMs,
      gapMs: 0,
    });
  }

  start(): void {
    this.#loop.start();
  }

  /** There is something to do: it need not wait for the next look. */
  wake(): void {
    this.#loop.wake();
  }

  /** Resolves when what is under way is done; the rest is left for another worker. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** One round; true when there may be more at once. */
  async #step(): Promise<boolean> {
    const { concurrency, leaseMs } = this.#settings;
    const { pool } = this.#deps.database;
    const lease = newId();
    const requests = await claimRequests(pool, { lease, leaseMs, limit: concurrency });
    await Promise.all(
      requests.map(async (request) => {
        const end = await processRequest(this.#deps, request);
        await endRequest(pool, { request, lease, end });
      }),
    );
    const waiting = await claimWaiting(pool, concurrency * 16);
    for (const event of waiting) await processWaiting(this.#deps, event);
    return requests.length === concurrency || waiting.length === concurrency * 16;
  }
}
