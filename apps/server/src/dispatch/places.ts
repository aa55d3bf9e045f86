/** Another account's mail was taken so lately that more is to be expected. */
const SHARED_MS = 1_000;

/** The part of the places up to which an account is not held back by what others have at hand. */
const FEW = 1 / 16;

/**
 * Who holds a worker's places. An account may hold three quarters of what the others leave, so that the
 * mail of one that holds none finds a place however many have slow providers and a backlog. As long as
 * several accounts have mail, it is taken in small steps, and few of it are at hand at once: what waits
 * for its turn here keeps the single mail of a small account waiting. One account alone gets large
 * steps, which cost less a mail.
 */
export class Places {
  readonly #total: number;
  /** Tells milliseconds that never go back. */
  readonly #now: () => number;
  readonly #held = new Map<string, number>();
  #taken = 0;
  /** Mails that wait for their provider. */
  #away = 0;
  #lastAccount: string | null = null;
  #sharedUntil = 0;

  constructor(total: number, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#now = now;
  }

  get free(): number {
    return this.#total - this.#taken;
  }

  /** The most that one may hold which holds none. */
  get perAccount(): number {
    return this.#most(0);
  }

  /** The most that is claimed at once. */
  get step(): number {
    return Math.min(this.free, this.#share(this.#isShared ? 1 / 4 : 1 / 2));
  }

  /** What each account that holds places may still take; all others, `perAccount`. */
  get left(): ReadonlyMap<string, number> {
    return new Map([...this.#held.keys()].map((id) => [id, this.#roomOf(id)]));
  }

  take(accountId: string): void {
    this.#taken += 1;
    this.#held.set(accountId, (this.#held.get(accountId) ?? 0) + 1);
    if (this.#lastAccount !== null && this.#lastAccount !== accountId) {
      this.#sharedUntil = this.#now() + SHARED_MS;
    }
    this.#lastAccount = accountId;
  }

  giveBack(accountId: string): void {
    this.#taken -= 1;
    const left = (this.#held.get(accountId) ?? 0) - 1;
    if (left > 0) this.#held.set(accountId, left);
    else this.#held.delete(accountId);
  }

  /** Marks the time that a mail waits for its provider, which costs this worker nothing. */
  async awayDuring<T>(call: () => Promise<T>): Promise<T> {
    this.#away += 1;
    try {
      return await call();
    } finally {
      this.#away -= 1;
    }
  }

  /** Whether the queue is to be looked at now for new mail of this account. */
  isWelcome(accountId: string): boolean {
    return this.#holdsFew(accountId) ? this.hasRoom(accountId) : this.isWorthRefilling(accountId);
  }

  /** Whether one more mail of this account may be taken now. */
  hasRoom(accountId: string): boolean {
    return this.free > 0 && (!this.#held.has(accountId) || this.#roomOf(accountId) > 0);
  }

  /** Whether so many of its mails have ended that a look for more pays. */
  isWorthRefilling(accountId: string): boolean {
    const room = Math.min(this.free, this.#roomOf(accountId));
    const worth = this.#share(this.#isShared ? 1 / 8 : 1 / 4);
    return room >= Math.min(worth, this.#most(this.#held.get(accountId) ?? 0));
  }

  get #isShared(): boolean {
    return this.#now() < this.#sharedUntil;
  }

  #roomOf(accountId: string): number {
    const atHand = this.#taken - this.#away;
    const mayBeAtHand = this.#isShared ? this.#share(1 / 8) : this.#total;
    const held = this.#held.get(accountId) ?? 0;
    const leftOfFew = this.#share(FEW) - held;
    return Math.max(
      0,
      Math.min(this.#most(held) - held, Math.max(mayBeAtHand - atHand, leftOfFew)),
    );
  }

  #holdsFew(accountId: string): boolean {
    return (this.#held.get(accountId) ?? 0) < this.#share(FEW);
  }

  #most(held: number): number {
    const leftByOthers = this.#total - (this.#taken - held);
    return Math.max(1, Math.floor((leftByOthers * 3) / 4));
  }

  #share(part: number): number {
    return Math.ceil(this.#total * part);
  }
}
