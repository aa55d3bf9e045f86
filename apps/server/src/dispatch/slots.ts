/** How often those in line are asked whether they still want their slot. */
const RECHECK_MS = 250;

type Waiter = {
  readonly isWanted: () => boolean;
  readonly resolve: (giveBack: (() => void) | null) => void;
};
type Line = { taken: number; most: number; readonly waiting: Waiter[] };

/** Gives the slot back; null: it is not wanted any more. */
export type Slot = (() => void) | null;

/**
 * The slots of connections that take few mails at once. A mail that waits for one is not on record as
 * tried, so a worker that dies leaves no doubt about it; and it goes elsewhere as soon as its connection
 * rests.
 */
export class Slots {
  readonly #lines = new Map<string, Line>();
  #recheck: NodeJS.Timeout | null = null;

  /** In the order they came, at most `most` of a connection at once. */
  take(connectionId: string, most: number, isWanted: () => boolean): Slot | Promise<Slot> {
    const line = this.#lines.get(connectionId) ?? { taken: 0, most, waiting: [] };
    this.#lines.set(connectionId, line);
    // It may have been set anew since the line began.
    line.most = most;
    if (line.taken < most && line.waiting.length === 0) return this.#give(connectionId, line);
    this.#recheck ??= setInterval(() => this.#dismiss(), RECHECK_MS).unref();
    return new Promise((resolve) => {
      line.waiting.push({ isWanted, resolve });
      this.#serve(connectionId, line);
    });
  }

  #give(connectionId: string, line: Line): NonNullable<Slot> {
    line.taken += 1;
    return () => {
      line.taken -= 1;
      this.#serve(connectionId, line);
      if (line.taken === 0) this.#lines.delete(connectionId);
    };
  }

  #serve(connectionId: string, line: Line): void {
    while (line.taken < line.most) {
      const next = line.waiting.shift();
      if (!next) return;
      next.resolve(next.isWanted() ? this.#give(connectionId, line) : null);
    }
  }

  #dismiss(): void {
    let waiting = 0;
    for (const line of this.#lines.values()) {
      for (const waiter of line.waiting.splice(0)) {
        if (waiter.isWanted()) line.waiting.push(waiter);
        else waiter.resolve(null);
      }
      waiting += line.waiting.length;
    }
    if (waiting > 0 || this.#recheck === null) return;
    clearInterval(this.#recheck);
    this.#recheck = null;
  }
}
