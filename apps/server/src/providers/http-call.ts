import type { Dispatcher } from 'undici';

/** An answer's body is cut off behind this. */
const MAX_BODY_BYTES = 64 * 1024;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** What came back: at most 64 KiB of the body; the status stands even where the body broke off. */
export type CallAnswer = {
  readonly status: number;
  /** By lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * One request's way through undici. Its own `request` makes a stream of each answer, which takes longer
 * than everything else it does for a short one.
 */
export class HttpCall implements Dispatcher.DispatchHandler {
  readonly #answer = Promise.withResolvers<CallAnswer>();
  #controller: Dispatcher.DispatchController | null = null;
  #abortedWith: Error | null = null;
  #head: Omit<CallAnswer, 'body'> | null = null;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  /** Rejects with undici's error, or with what the call was aborted with. */
  get answer(): Promise<CallAnswer> {
    return this.#answer.promise;
  }

  abort(reason: Error): void {
    this.#abortedWith ??= reason;
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // A request whose socket closes under it may be put back in line: the first try may have arrived.
    if (this.#controller) this.#abortedWith ??= new Error('The connection was lost');
    this.#controller = controller;
    if (this.#abortedWith) controller.abort(this.#abortedWith);
  }

  onResponseStart(_: unknown, status: number, headers: Headers): void {
    const isFinal = status >= 200;
    if (isFinal) this.#head = { status, headers: flatten(headers) };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes >= MAX_BODY_BYTES) controller.abort(new Error('The answer is long enough'));
  }

  onResponseEnd(): void {
    if (this.#head) this.#finish(this.#head);
  }

  /** The status has said what became of the request: a body that breaks off or never ends is cut. */
  onResponseError(_: unknown, error: Error): void {
    if (this.#head) this.#finish(this.#head);
    else this.#answer.reject(error);
  }

  #finish(head: Omit<CallAnswer, 'body'>): void {
    const body = Buffer.concat(this.#chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
    this.#answer.resolve({ ...head, body });
  }
}

function flatten(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
