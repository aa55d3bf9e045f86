import { connect, isIP, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection, { type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { OutboundGuard } from '../../lib/outbound-guard.ts';
import type { Connection } from '../provider.ts';
import type { TimeLimits } from '../time-limits.ts';
import { NOTHING_SENT, SmtpTimeoutError, type Progress } from './error.ts';
import { tlsModeOf } from './settings.ts';

export type SessionDeps = { readonly guard: OutboundGuard; readonly timeLimits: TimeLimits };

export type Delivery = {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly mime: Buffer;
};

export type DeliveryResult =
  | { readonly info: SMTPConnectionSendInfo }
  | { readonly error: unknown; readonly progress: Progress };

const CHUNK_BYTES = 64 * 1024;

/** One connection to a mail server: opened and logged in once, then used for mail after mail. */
export class SmtpSession {
  readonly #smtp: SMTPConnection;
  readonly #timeLimits: TimeLimits;
  #isUsable = true;
  /** Ends the exchange that is under way when the connection breaks. */
  #onBroken: ((error: unknown) => void) | null = null;
  /** Mails taken so far. */
  deliveries = 0;
  idleSince = 0;

  private constructor(smtp: SMTPConnection, timeLimits: TimeLimits) {
    this.#smtp = smtp;
    this.#timeLimits = timeLimits;
    smtp.on('error', (error) => this.#break(error));
    smtp.on('end', () => this.#break(new Error('The server closed the connection')));
  }

  /** Connects to a checked address, says EHLO, secures the line and logs in. */
  static async open(connection: Connection, deps: SessionDeps): Promise<SmtpSession> {
    const { settings } = connection;
    const host = settings.smtp_host ?? '';
    const socket = await openSocket(host, settings.smtp_port ?? 587, deps);
    const mode = tlsModeOf(settings);
    const smtp = new SMTPConnection({
      connection: socket,
      host,
      secure: mode === 'implicit',
      requireTLS: mode === 'starttls',
      ignoreTLS: mode === 'none',
      tls: { minVersion: 'TLSv1.2', ...(isIP(host) === 0 && { servername: host }) },
      // Ours are stricter and say which stage they belong to.
      greetingTimeout: deps.timeLimits.connectMs,
      socketTimeout: deps.timeLimits.totalMs * 2,
      socketCloseTimeout: 1_000,
      maxResponseSize: 64 * 1024,
    });
    const session = new SmtpSession(smtp, deps.timeLimits);
    try {
      await session.#handshake(connection);
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  }

  get isUsable(): boolean {
    return this.#isUsable;
  }

  async #handshake(connection: Connection): Promise<void> {
    const { connectMs, firstByteMs } = this.#timeLimits;
    await this.#within(connectMs, 'no greeting in time', (done) => this.#smtp.connect(done));
    const { api_key: user, secret: pass } = connection.secrets;
    if (user === undefined || pass === undefined) return;
    // Also where AUTH is not advertised: going on without would end in a refusal, or a relay
    // that takes mail from anyone.
    await this.#within(firstByteMs, 'no answer to the login in time', (done) =>
      this.#smtp.login({ credentials: { user, pass } }, (error) => done(error ?? undefined)),
    );
  }

  /** Hands one mail over. After an error, `reset` tells whether the session can be used again. */
  async deliver({ from, recipients, mime }: Delivery): Promise<DeliveryResult> {
    this.deliveries += 1;
    let progress: Progress = NOTHING_SENT;
    let restartTimer: () => void = () => undefined;
    const body = readableOf(mime, (next) => {
      progress = next;
      restartTimer();
    });
    try {
      const info = await new Promise<SMTPConnectionSendInfo>((resolve, reject) => {
        const { firstByteMs, totalMs } = this.#timeLimits;
        let timer = this.#limit(firstByteMs, 'no answer to a command in time', reject);
        restartTimer = () => {
          clearTimeout(timer);
          timer = this.#limit(totalMs, 'no answer to the message in time', reject);
        };
        this.#onBroken = reject;
        const envelope = { from, to: [...recipients], size: mime.length };
        this.#smtp.send(envelope, body, (error, result) => {
          clearTimeout(timer);
          if (error) reject(error);
          else resolve(result);
        });
      });
      return { info };
    } catch (error) {
      return { error, progress };
    } finally {
      this.#onBroken = null;
      restartTimer = () => undefined;
    }
  }

  /** Ends a refused mail's transaction, so that the session can take the next. */
  async reset(): Promise<boolean> {
    if (!this.#isUsable) return false;
    try {
      await this.#within(this.#timeLimits.connectMs, 'no answer to RSET in time', (done) =>
        this.#smtp.reset((error) => done(error ?? undefined)),
      );
      return true;
    } catch {
      return false;
    }
  }

  /** A friendly goodbye that nobody waits for: what was accepted stays accepted. */
  close(): void {
    if (this.#isUsable) this.#smtp.quit();
    this.#isUsable = false;
    setTimeout(() => this.#smtp.close(), 1_000).unref();
  }

  #break(error: unknown): void {
    this.#isUsable = false;
    this.#onBroken?.(error);
  }

  #limit(ms: number, message: string, reject: (error: Error) => void): NodeJS.Timeout {
    return setTimeout(() => {
      this.#isUsable = false;
      reject(new SmtpTimeoutError(message));
      this.#smtp.close();
    }, ms);
  }

  async #within(
    ms: number,
    message: string,
    start: (done: (error?: Error) => void) => void,
  ): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        timer = this.#limit(ms, message, reject);
        this.#onBroken = reject;
        start((error) => {
          if (error === undefined) resolve();
          else reject(toError(error));
        });
      });
    } finally {
      clearTimeout(timer);
      this.#onBroken = null;
    }
  }
}

/** Tries the checked addresses in turn, all within the time for connecting. */
async function openSocket(host: string, port: number, deps: SessionDeps): Promise<Socket> {
  const end = performance.now() + deps.timeLimits.connectMs;
  const addresses = await deps.guard.resolve(host);
  let failure: unknown = null;
  for (const [index, { address }] of addresses.entries()) {
    const left = Math.max(1, (end - performance.now()) / (addresses.length - index));
    try {
      return await connectTo({ host: address, port, timeoutMs: left });
    } catch (error) {
      failure = error;
    }
  }
  throw failure instanceof Error ? failure : new Error('no address to connect to');
}

function connectTo(target: { host: string; port: number; timeoutMs: number }): Promise<Socket> {
  const { host, port, timeoutMs } = target;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new SmtpTimeoutError(`no connection to port ${port} in time`));
    }, timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * nodemailer reads the message only after the server has asked for it, so the first read marks the
 * start of the body, and the last one the moment from which the server may have all of it.
 */
function readableOf(mime: Buffer, onProgress: (progress: Progress) => void): Readable {
  let offset = 0;
  return new Readable({
    read() {
      const chunk = mime.subarray(offset, offset + CHUNK_BYTES);
      offset += chunk.length;
      onProgress({ isBodyStarted: true, isBodyComplete: offset >= mime.length });
      this.push(chunk.length > 0 ? chunk : null);
    },
  });
}
