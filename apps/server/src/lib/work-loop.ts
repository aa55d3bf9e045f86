import { setTimeout as delay } from 'node:timers/promises';

export type WorkLoopOptions = {
  /** One look for work; true when there is reason for another at once. */
  readonly look: () => Promise<boolean>;
  /** A look that failed is over; the next one comes after `pollMs`. */
  readonly onError: (error: unknown) => void;
  /** How often is looked when nobody calls. */
  readonly pollMs: number;
  /** Between two looks: what ends meanwhile is refilled together. */
  readonly gapMs: number;
};

/** Looks for work again and again: at once when called or when there is more, else by the clock. */
export class WorkLoop {
  readonly #options: WorkLoopOptions;
  #isStopping = false;
  #isWoken = false;
  #endSleep: (() => void) | null = null;
  #running: Promise<void> | null = null;

  constructor(options: WorkLoopOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Says that there may be work. A call during a look counts for the next one. */
  wake(): void {
    this.#isWoken = true;
    this.#endSleep?.();
  }

  /** Looks no more; resolves when a look that is under way has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endSleep?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { look, onError, gapMs } = this.#options;
    while (!this.#isStopping) {
      this.#isWoken = false;
      let isMore = false;
      try {
        isMore = await look();
      } catch (error) {
        onError(error);
      }
      if (!isMore) await this.#sleep();
      await delay(gapMs);
    }
  }

  #sleep(): Promise<void> {
    if (this.#isWoken || this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#endSleep = null;
        resolve();
      };
      const timer = setTimeout(end, this.#options.pollMs);
      this.#endSleep = end;
    });
  }
}
