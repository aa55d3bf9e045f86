import { isIP } from 'node:net';
import SMTPConnection, { type SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { OutboundGuard } from '../../lib/outbound-guard.ts';
import type { Connection } from '../connection.ts';
import type { TimeLimits } from '../time-limits.ts';
import { SmtpMismatchError, SmtpTimeoutError, type Progress } from './error.ts';
import { MessageBody } from './message-body.ts';
import { openSocket } from './open-socket.ts';
import { tlsModeOf } from './settings.ts';

/** What a session needs of the outside. */
export type SessionDeps = { readonly guard: OutboundGuard; readonly timeLimits: TimeLimits };

export type Delivery = {
  readonly from: string;
  readonly recipients: readonly string[];
  readonly mime: Buffer;
};

export type DeliveryResult =
  | { readonly info: SMTPConnectionSendInfo }
  | { readonly error: unknown; readonly progress: Progress };

/** Added to the time for the envelope for each recipient: a server may look each one up. */
const PER_RECIPIENT_MS = 1_000;

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
    smtp.on('end', () => {
      this.#isUsable = false;
      // nodemailer says so before it hands over a refusal it closed for, as with 421.
      setImmediate(() => this.#break(new Error('The server closed the connection')));
    });
  }

  /** Connects to a checked address, says EHLO, secures the line and logs in. */
  static async open(
    connection: Connection,
    deps: SessionDeps,
    signal: AbortSignal,
  ): Promise<SmtpSession> {
    const { settings } = connection;
    signal.throwIfAborted();
    const host = settings.smtp_host ?? '';
    const socket = await openSocket({ host, port: settings.smtp_port ?? 587, ...deps });
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
    const stop = () => session.#abort(signal);
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      await session.#handshake(connection);
      return session;
    } catch (error) {
      session.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
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
    // Going on without a login would end in a refusal, or at a relay that takes mail from anyone.
    if (!this.#smtp.allowsAuth) {
      throw new SmtpMismatchError('The server offers no login (AUTH) on this port');
    }
    await this.#within(firstByteMs, 'no answer to the login in time', (done) =>
      this.#smtp.login({ credentials: { user, pass } }, (error) => done(error ?? undefined)),
    );
  }

  /** Hands one mail over. After an error, `reset` tells whether the session can be used again. */
  async deliver(delivery: Delivery, signal: AbortSignal): Promise<DeliveryResult> {
    this.deliveries += 1;
    const body = new MessageBody(delivery.mime);
    const stop = () => this.#abort(signal);
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      return { info: await this.#transfer(delivery, body) };
    } catch (error) {
      return { error, progress: body.progress };
    } finally {
      this.#onBroken = null;
      body.onStart = null;
      signal.removeEventListener('abort', stop);
    }
  }

  #transfer(delivery: Delivery, body: MessageBody): Promise<SMTPConnectionSendInfo> {
    const { from, recipients, mime } = delivery;
    const { firstByteMs, totalMs } = this.#timeLimits;
    const envelopeMs = firstByteMs + recipients.length * PER_RECIPIENT_MS;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => {
        clearTimeout(whole);
        clearTimeout(commands);
        reject(toError(error));
      };
      const whole = this.#limit(totalMs, 'no answer to the message in time', fail);
      const commands = this.#limit(envelopeMs, 'no answer to a command in time', fail);
      body.onStart = () => clearTimeout(commands);
      this.#onBroken = fail;
      const envelope = { from, to: [...recipients], size: mime.length };
      this.#smtp.send(envelope, body, (error, result) => {
        clearTimeout(whole);
        if (error) fail(error);
        else resolve(result);
      });
    });
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

  #abort(signal: AbortSignal): void {
    this.#break(signal.reason);
    this.#smtp.close();
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
        this.#onBroken = (error) => reject(toError(error));
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

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
