import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createBatcher } from '../lib/batcher.ts';
import { startPart } from '../lib/tracer.ts';
import { WorkLoop } from '../lib/work-loop.ts';
import { isBadValue, isConflict, isDatabaseUnavailable } from '../db/errors.ts';
import { claimEmails, type Claim } from '../queue/claim-emails.ts';
import { closeAttempt } from '../queue/close-attempt.ts';
import type { NewEmail } from '../queue/accept-emails.ts';
import { finishAttempts, type Finish } from '../queue/finish-attempts.ts';
import type { HandOver, Reservation } from '../queue/hand-over.ts';
import { loadEmails, type LoadedEmail } from '../queue/load-emails.ts';
import { releaseLeases } from '../queue/release-leases.ts';
import { renewLeases } from '../queue/renew-leases.ts';
import { startAttempts, type AttemptStart } from '../queue/start-attempts.ts';
import { createAttempter } from './attempt.ts';
import { createConnectionLoader, type ConnectionLoader } from './connections.ts';
import type { DispatchDeps } from './deps.ts';
import { dispatchEmail } from './dispatch-email.ts';
import type { DispatchIo, DispatchJob } from './dispatch-io.ts';
import { createRecheck, groundOf, type Ground } from './recheck.ts';
import { loadGrounds, routeEmails, type Grounds } from './routes.ts';
import { HealthKeeper, type Use } from './health.ts';
import { listenForWork, type WorkListener } from './listen.ts';
import { Pacer } from './pacer.ts';
import { Places } from './places.ts';
import { createSettler } from './settler.ts';
import { Slots, type Slot } from './slots.ts';

const FIRST_ACCOUNT = '00000000-0000-0000-0000-000000000000';
/** Between two looks at the queue: what ends meanwhile is refilled together. */
const MIN_GAP_MS = 3;
/** A statement that ends attempts costs as much as the rows of twenty: one lone mail waits for none. */
const FINISH_GAP_MS = 10;
/** A mail's provider waits for this statement: it gathers others only while one is under way. */
const START_BUSY_GAP_MS = 5;
/** While one mail is in a session, the attempts of others are put on record. */
const SLOTS_A_SESSION = 4;
/** What is known of a connection is looked at again after so long in its line. */
const STALE_MS = 1_000;
/** Of connections that take any number. */
const NO_SLOT = () => undefined;
/** Tries at writing a result down that no outage explains, before the email is left to its lease. */
const MAX_BUG_TRIES = 10;

type EmailKey = Pick<Claim, 'accountId' | 'emailId'>;

/** What is known of emails that were stored a moment ago. */
type HandedOver = {
  readonly stored: readonly LoadedEmail[];
  /** Of their accounts, as of when storing them began. */
  readonly ground: Promise<Grounds>;
};

function accountsOf(emails: readonly { readonly accountId: string }[]): string[] {
  return [...new Set(emails.map(({ accountId }) => accountId))];
}

/** The mail engine of one process: claims due mail and works on many emails at once. */
export class Dispatcher implements HandOver {
  readonly #deps: DispatchDeps;
  readonly #io: DispatchIo;
  readonly #loadConnections: ConnectionLoader;
  readonly #recheck: (ground: Ground) => Promise<void>;
  /** From the claim to the last write. */
  readonly #underWay = new Set<Claim>();
  readonly #places: Places;
  readonly #slots = new Slots();
  readonly #pacer: Pacer;
  /** From the process's own monotonic clock, which nobody sets, to the database's. */
  #clockOffsetMs = performance.timeOrigin;
  #afterAccount = FIRST_ACCOUNT;
  /** Since the walk over the accounts began, more was found, or called for, in what lies behind it. */
  #isWalkDue = false;
  #activeAccounts = 1;
  /** Due mail may have been left where it is for want of places. */
  #isMoreWaiting = false;
  readonly #loop: WorkLoop;
  #renewal: NodeJS.Timeout | null = null;
  #listener: WorkListener | null = null;

  constructor(deps: DispatchDeps) {
    this.#deps = deps;
    const { pool } = deps.database;
    this.#places = new Places(deps.settings.concurrency);
    this.#loop = new WorkLoop({
      look: () => this.#takeMail(),
      onError: (error) => deps.log.warn({ err: error }, 'the queue can not be read; trying again'),
      pollMs: deps.settings.pollMs,
      gapMs: MIN_GAP_MS,
    });
    this.#loadConnections = createConnectionLoader(pool, deps.keyring);
    this.#recheck = createRecheck({
      ...{ pool, log: deps.log, loadConnections: this.#loadConnections },
      onWoken: () => this.wake(),
    });
    const batch = { maxItems: 128, maxRunning: 2, isOfItem: isBadValue };
    const starts = createBatcher<AttemptStart, boolean>({
      ...batch,
      busyGapMs: START_BUSY_GAP_MS,
      run: (items) => startAttempts(pool, items),
    });
    const finishes = createBatcher<Finish, boolean>({
      ...batch,
      gapMs: FINISH_GAP_MS,
      run: (items) => finishAttempts(pool, items),
    });
    this.#pacer = new Pacer(deps, () => this.wake());
    const health = new HealthKeeper(deps, this.#pacer);
    this.#io = {
      attempt: createAttempter({
        ...deps,
        health,
        whileCalling: (accountId, call) => this.#callAway(accountId, call),
        start: (start) => this.#insist(start, () => starts.add(start)),
      }),
      finish: (finish) => this.#insist(finish, () => finishes.add(finish)),
      closeAttempt: (attempt) => closeAttempt(pool, attempt),
      settle: createSettler(deps),
      pauseOf: (use) => health.pauseOf(use),
      slot: (job, use) => this.#takeSlot(job, use),
      admit: (use) => health.admit(use),
      now: () => new Date(performance.now() + this.#clockOffsetMs),
      random: deps.random,
    };
  }

  start(): void {
    const { database, log, settings, onWebhooksDue } = this.#deps;
    this.#renewal = setInterval(() => this.#renew(), settings.leaseMs / 3);
    this.#listener = listenForWork({
      ...{ database, log, wake: () => this.wake() },
      ...(onWebhooksDue && { onWebhooksDue }),
    });
    this.#loop.start();
  }

  /**
   * Says that there may be due mail; without it, mail is found at the next poll. Accounts that are
   * named are looked at when they have room: until then the end of their mails wakes the worker.
   */
  wake(accountIds?: ReadonlySet<string>): void {
    if (accountIds && ![...accountIds].some((id) => this.#places.isWelcome(id))) {
      this.#isMoreWaiting = true;
      return;
    }
    this.#isWalkDue = true;
    this.#loop.wake();
  }

  /** Claims nothing more and waits for what is under way, at most `graceMs`; then lets go. */
  async stop(graceMs: number): Promise<void> {
    await this.#loop.stop();
    const end = performance.now() + graceMs;
    while (this.#underWay.size > 0 && performance.now() < end) await delay(20);
    if (this.#underWay.size > 0) {
      const emails = this.#underWay.size;
      this.#deps.log.warn({ emails }, 'stopped with attempts under way; they are on record');
    }
    if (this.#renewal) clearInterval(this.#renewal);
    this.#pacer.close();
    await this.#listener?.close();
  }

  reserve(emails: readonly NewEmail[]): Reservation | null {
    if (this.#loop.isStopping) return null;
    const kept = emails.filter(({ accountId }) => {
      const hasRoom = this.#places.hasRoom(accountId);
      if (hasRoom) this.#places.take(accountId);
      return hasRoom;
    });
    if (kept.length === 0) return null;
    const lease = randomUUID();
    // While they are stored. What changes from here on, their senders could not know of.
    const ground = this.#loadGrounds(accountsOf(kept));
    // Told where it is waited for, should any of them be handed over.
    ground.catch(() => undefined);
    return {
      lease,
      leaseMs: this.#deps.settings.leaseMs,
      emailIds: new Set(kept.map(({ id }) => id)),
      take: (stored) => this.#takeOver(kept, { lease, stored, ground }),
    };
  }

  async #takeOver(
    kept: readonly NewEmail[],
    { lease, stored, ground }: { lease: string } & HandedOver,
  ): Promise<void> {
    for (const { accountId } of kept) this.#places.giveBack(accountId);
    const claims = stored.map(({ accountId, id: emailId }) => {
      return { accountId, emailId, lease, rounds: 0, release: null };
    });
    if (claims.length === 0) return;
    // Nobody waits any more for what begins now.
    if (this.#loop.isStopping) return this.#release(claims);
    for (const claim of claims) this.#begin(claim);
    void this.#startOrRelease(claims, { stored, ground });
  }

  /** One look at the queue; true when it should be looked at again at once. */
  async #takeMail(): Promise<boolean> {
    if (this.#places.free === 0) {
      this.#isMoreWaiting = true;
      return false;
    }
    if (this.#afterAccount === FIRST_ACCOUNT) this.#isWalkDue = false;
    const { claims, isMore } = await this.#claim(this.#places.step);
    for (const claim of claims) this.#begin(claim);
    if (claims.length > 0) void this.#startOrRelease(claims);
    if (isMore) this.#isWalkDue = true;
    // Others' mail is behind the accounts looked at, or before them.
    return this.#isWalkDue || this.#afterAccount !== FIRST_ACCOUNT;
  }

  /** More of what was claimed from may be due when each account had no more than its share. */
  async #claim(limit: number): Promise<{ claims: readonly Claim[]; isMore: boolean }> {
    const share = Math.ceil(limit / Math.max(1, this.#activeAccounts));
    const atMost = this.#places.left;
    const { perAccount } = this.#places;
    this.#isMoreWaiting = [perAccount, ...atMost.values()].some((left) => left < share);
    const result = await claimEmails(this.#deps.database.pool, {
      lease: randomUUID(),
      leaseMs: this.#deps.settings.leaseMs,
      limit,
      perAccount: Math.min(share, perAccount),
      atMost,
      inHand: [...this.#underWay].map(({ emailId }) => emailId),
      afterAccount: this.#afterAccount,
    });
    const { claims } = result;
    this.#activeAccounts = new Set(claims.map(({ accountId }) => accountId)).size;
    this.#afterAccount = result.lastAccount ?? FIRST_ACCOUNT;
    const isMore = claims.length >= share;
    if (isMore) this.#isMoreWaiting = true;
    return { claims, isMore };
  }

  #begin(claim: Claim): void {
    this.#underWay.add(claim);
    this.#places.take(claim.accountId);
  }

  #end(claim: Claim): void {
    if (this.#underWay.delete(claim)) this.#places.giveBack(claim.accountId);
  }

  /** While a provider is waited for, more mail may be taken in hand. */
  #callAway<T>(accountId: string, call: () => Promise<T>): Promise<T> {
    const answer = this.#places.awayDuring(call);
    this.#refill(accountId);
    return answer;
  }

  #takeSlot(job: DispatchJob, use: Use): Slot | Promise<Slot | 'changed'> {
    const { id, provider, settings } = use.connection;
    const sessions = this.#deps.providers.get(provider)?.maxSessions?.(settings);
    if (sessions === undefined) return NO_SLOT;
    const isWanted = () => this.#io.pauseOf({ ...use, now: this.#io.now() }) === null;
    const slot = this.#slots.take(id, sessions * SLOTS_A_SESSION, isWanted);
    if (!(slot instanceof Promise)) return slot;
    const since = performance.now();
    return this.#callAway(job.claim.accountId, async () => {
      const giveBack = await slot;
      const isLong = performance.now() - since > STALE_MS;
      if (giveBack === null || !isLong || (await this.#isCurrent(use))) return giveBack;
      giveBack();
      return 'changed';
    });
  }

  /** Whether the connection is still there as it was loaded with the mail. */
  async #isCurrent({ connection: { accountId, id, version } }: Use): Promise<boolean> {
    try {
      const connections = (await this.#loadConnections([accountId])).get(accountId) ?? [];
      return groundOf(accountId, connections).usable.has(`${id}:${version}`);
    } catch {
      // The attempt needs the database next.
      return true;
    }
  }

  #refill(accountId: string): void {
    if (this.#isMoreWaiting && this.#places.isWorthRefilling(accountId)) this.wake();
  }

  /** Beside the next look: the mail of others does not wait until this has been read. */
  async #startOrRelease(claims: readonly Claim[], handedOver?: HandedOver): Promise<void> {
    try {
      await this.#startJobs(claims, handedOver);
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'claimed mail can not be read; giving it back');
      for (const claim of claims) this.#end(claim);
      await this.#release(claims);
    }
  }

  async #startJobs(claims: readonly Claim[], handedOver?: HandedOver): Promise<void> {
    const accountIds = accountsOf(claims);
    const { providers } = this.#deps;
    const { pool } = this.#deps.database;
    const [emails, ground] = await Promise.all([
      handedOver?.stored ?? loadEmails(pool, claims),
      handedOver?.ground ?? this.#loadGrounds(accountIds),
    ]);
    const { connections, rules } = ground;
    const routes = await routeEmails({ pool, providers }, { emails, connections, rules });
    const grounds = new Map(
      accountIds.map((id) => [id, groundOf(id, connections.get(id) ?? [], rules.get(id))]),
    );
    const byId = new Map(emails.map((email) => [email.id, email]));
    for (const claim of claims) {
      const email = byId.get(claim.emailId);
      const route = routes.get(claim.emailId);
      if (email && route) {
        this.#clockOffsetMs = email.now.getTime() - performance.now();
        const own = connections.get(claim.accountId) ?? [];
        const ground = grounds.get(claim.accountId) ?? groundOf(claim.accountId, own);
        this.#traceWait(email);
        void this.#run({ claim, email, connections: own, route }, ground);
      } else {
        this.#end(claim);
        const { accountId, emailId } = claim;
        this.#deps.log.error({ accountId, emailId }, 'a queued email has no stored content');
      }
    }
  }

  #loadGrounds(accountIds: readonly string[]): Promise<Grounds> {
    const { pool } = this.#deps.database;
    return loadGrounds({ pool, loadConnections: this.#loadConnections }, accountIds);
  }

  #traceWait({ traceparent: parent, waitingSince, accountId, id }: LoadedEmail): void {
    startPart(this.#deps.tracer, {
      ...{ name: 'queue', kind: 'internal', parent },
      // The database's clock may be ahead of this one.
      startedAt: new Date(Math.min(waitingSince.getTime(), Date.now())),
      attributes: { 'courierx.account_id': accountId, 'courierx.email_id': id },
    })?.end();
  }

  /** Gives claims back as soon as the database is there; should that fail, their leases end. */
  async #release(claims: readonly Claim[]): Promise<void> {
    const end = performance.now() + this.#deps.settings.leaseMs;
    do {
      try {
        await releaseLeases(this.#deps.database.pool, claims);
        this.wake();
        return;
      } catch {
        await delay(500);
      }
    } while (performance.now() < end && !this.#loop.isStopping);
  }

  /** Never rejects: what fails here is taken up again when the lease ends. */
  async #run(job: DispatchJob, ground: Ground): Promise<void> {
    const { accountId, emailId } = job.claim;
    const finish = async (step: Finish): Promise<boolean> => {
      const held = await this.#io.finish(step);
      if (held && step.next.kind === 'wait') await this.#recheck(ground);
      return held;
    };
    try {
      await dispatchEmail({ ...this.#io, finish }, job);
    } catch (error) {
      this.#deps.log.error({ err: error, accountId, emailId }, 'dispatch failed');
    } finally {
      this.#end(job.claim);
      this.#refill(job.claim.accountId);
    }
  }

  /**
   * Tries a write again, however long the database is away: without it a call that was never made, or
   * one that was answered, would count as unknown. The fence makes a late write harmless.
   */
  async #insist<T>({ accountId, emailId }: EmailKey, write: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      try {
        return await write();
      } catch (error) {
        const isPassing = isDatabaseUnavailable(error) || isConflict(error);
        if (!isPassing && tries >= MAX_BUG_TRIES) throw error;
        this.#deps.log.warn({ err: error, accountId, emailId, tries }, 'not yet recorded');
        await delay(Math.min(2_000, 50 * 2 ** Math.min(tries, 6)));
      }
    }
  }

  #renew(): void {
    const claims = [...this.#underWay];
    if (claims.length === 0) return;
    const { database, log, settings } = this.#deps;
    renewLeases(database.pool, claims, settings.leaseMs).catch((error: unknown) => {
      log.warn({ err: error }, 'leases not renewed');
    });
  }
}
