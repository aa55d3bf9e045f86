/**
 * Who holds a worker's places. An account may hold three quarters of them, so that the mail of one that
 * holds none finds a place whatever the others have queued.
 */
export class Places {
  readonly #total: number;
  readonly #perAccount: number;
  /** So many are filled at once: one by one, claiming would cost more than sending. */
  readonly #worthwhile: number;
  readonly #held = new Map<string, number>();
  #taken = 0;

  constructor(total: number) {
    this.#total = total;
    this.#perAccount = Math.ceil((total * 3) / 4);
    this.#worthwhile = Math.ceil(total / 8);
  }

  get free(): number {
    return this.#total - this.#taken;
  }

  /** As many as are claimed at once: in larger steps the work would come in bursts that all wait for. */
  get batch(): number {
    return Math.min(this.free, Math.ceil(this.#total / 4));
  }

  take(accountId: string): void {
    this.#taken += 1;
    this.#held.set(accountId, (this.#held.get(accountId) ?? 0) + 1);
  }

  giveBack(accountId: string): void {
    this.#taken -= 1;
    const left = (this.#held.get(accountId) ?? 0) - 1;
    if (left > 0) this.#held.set(accountId, left);
    else this.#held.delete(accountId);
  }

  /** What each account that holds places may still take; all others, `perAccount`. */
  get left(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#held].map(([id, count]) => [id, Math.max(0, this.#perAccount - count)]),
    );
  }

  get perAccount(): number {
    return this.#perAccount;
  }

  /** Whether the queue is to be looked at now for new mail of this account. */
  isWelcome(accountId: string): boolean {
    return this.#held.has(accountId) ? this.isWorthRefilling(accountId) : this.free > 0;
  }

  /** Whether so many of its mails have ended that it is worth a look for more. */
  isWorthRefilling(accountId: string): boolean {
    const room = this.#perAccount - (this.#held.get(accountId) ?? 0);
    return Math.min(this.free, room) >= this.#worthwhile;
  }
}
