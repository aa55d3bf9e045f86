import { newId } from '../lib/ids.ts';
import { WorkLoop } from '../lib/work-loop.ts';
import type { EventsDeps } from './deps.ts';
import { processRequest } from './process-request.ts';
import { processWaiting } from './process-waiting.ts';
import { claimRequests, endRequest, type ClaimedRequest } from './requests.ts';
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

/** Between two looks: what ends meanwhile is refilled together. */
const MIN_GAP_MS = 5;

/** Works on what providers reported, apart from taking it, as long as it runs. */
export class EventProcessor {
  readonly #deps: EventsDeps;
  readonly #settings: ProcessorSettings;
  readonly #running = new Set<Promise<void>>();
  readonly #loop: WorkLoop;

  constructor(deps: EventsDeps, settings: ProcessorSettings = DEFAULT_PROCESSOR_SETTINGS) {
    this.#deps = deps;
    this.#settings = settings;
    this.#loop = new WorkLoop({
      look: () => this.#step(),
      onError: (error) => deps.log.warn({ err: error }, 'provider events wait for the database'),
      pollMs: settings.pollMs,
      gapMs: MIN_GAP_MS,
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
  async stop(): Promise<void> {
    await this.#loop.stop();
    await Promise.all(this.#running);
  }

  /** One look; true when there may be more at once. */
  async #step(): Promise<boolean> {
    const { concurrency, leaseMs } = this.#settings;
    const { pool } = this.#deps.database;
    const lease = newId();
    const limit = concurrency - this.#running.size;
    const requests = limit > 0 ? await claimRequests(pool, { lease, leaseMs, limit }) : [];
    for (const request of requests) this.#start(request, lease);
    const waiting = await claimWaiting(pool, concurrency * 16);
    for (const event of waiting) await processWaiting(this.#deps, event);
    return waiting.length === concurrency * 16;
  }

  /** None waits for another: a provider may take its time to confirm one. */
  #start(request: ClaimedRequest, lease: string): void {
    const running = this.#process(request, lease).finally(() => {
      this.#running.delete(running);
      this.wake();
    });
    this.#running.add(running);
  }

  /** Never rejects: what can't be written down is done again when the lease ends. */
  async #process(request: ClaimedRequest, lease: string): Promise<void> {
    const { database, log } = this.#deps;
    try {
      const end = await processRequest(this.#deps, request);
      await endRequest(database.pool, { request, lease, end });
    } catch (error) {
      log.warn({ err: error, webhookRequestId: request.id }, 'provider events not yet recorded');
    }
  }
}
