import type { Connection } from '../connection.ts';
import { SmtpSession, type SessionDeps } from './session.ts';
import { maxSessionsOf } from './settings.ts';

/** Before this, servers have not yet hung up on us. */
const MAX_IDLE_MS = 15_000;
const MAX_DELIVERIES = 100;

/** Keeps the sessions of one connection, in one version of its credentials. */
export class SmtpPool {
  readonly #connection: Connection;
  readonly #deps: SessionDeps;
  readonly #idle: SmtpSession[] = [];
  readonly #waiting: (() => void)[] = [];
  #inUse = 0;
  #isClosed = false;
  #sweeper: NodeJS.Timeout | null = null;

  constructor(connection: Connection, deps: SessionDeps) {
    this.#connection = connection;
    this.#deps = deps;
  }

  /** A session to deliver with; give it back with `release`. `fresh` asks for a new one. */
  async acquire(options: { fresh: boolean; signal: AbortSignal }): Promise<SmtpSession> {
    const { fresh, signal } = options;
    if (this.#inUse < maxSessionsOf(this.#connection.settings)) this.#inUse += 1;
    else await this.#waitForPlace(signal);
    try {
      const kept = fresh ? undefined : this.#takeIdle();
      return kept ?? (await SmtpSession.open(this.#connection, this.#deps, signal));
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  /** The place is handed over by whoever gives one back, so it is never counted twice. */
  #waitForPlace(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      this.#waiting.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }

  release(session: SmtpSession): void {
    const isKept = !this.#isClosed && session.isUsable && session.deliveries < MAX_DELIVERIES;
    if (isKept) {
      session.idleSince = performance.now();
      this.#idle.push(session);
      this.#sweeper ??= setTimeout(() => this.#sweep(), MAX_IDLE_MS).unref();
    } else {
      session.close();
    }
    this.#free();
  }

  /** Takes a session back whose mail was refused or lost: it is kept where a RSET still works. */
  async recover(session: SmtpSession): Promise<void> {
    if (!(await session.reset())) session.close();
    this.release(session);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#sweeper) clearTimeout(this.#sweeper);
    for (const session of this.#idle.splice(0)) session.close();
  }

  #takeIdle(): SmtpSession | undefined {
    for (let session = this.#idle.pop(); session; session = this.#idle.pop()) {
      if (session.isUsable && performance.now() - session.idleSince < MAX_IDLE_MS) return session;
      session.close();
    }
    return undefined;
  }

  #free(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#inUse -= 1;
  }

  #sweep(): void {
    this.#sweeper = null;
    const oldest = performance.now() - MAX_IDLE_MS;
    const old = this.#idle.filter((session) => session.idleSince <= oldest);
    for (const session of old) {
      this.#idle.splice(this.#idle.indexOf(session), 1);
      session.close();
    }
    if (this.#idle.length > 0) this.#sweeper = setTimeout(() => this.#sweep(), 1_000).unref();
  }
}
