import { ConnectionError, CourierXError, TimeoutError, toApiError } from '../errors.ts';
import { fromWire, toWire } from './case.ts';
import { wait } from './wait.ts';

export const VERSION = '0.1.0';

/** What may be set for one call. */
export type CallOptions = {
  /** Ends the call; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Milliseconds one try may take; default: the client's. */
  timeoutMs?: number | undefined;
  /** Further tries after the first; default: the client's. */
  maxRetries?: number | undefined;
};

export type TransportOptions = {
  readonly apiKey: string | undefined;
  readonly baseUrl: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: typeof fetch;
};

export type QueryValue = string | number | boolean | Date | null | undefined;

export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Under `/api/v1`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, in the place of `body`. */
  readonly raw?: { readonly type: string; readonly content: string | Uint8Array<ArrayBuffer> };
  /** The answer's body is given as a stream, begun but not read. */
  readonly streams?: true;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether the call may be made twice with the effect of once; told by the method otherwise. */
  readonly isRepeatable?: boolean;
};

export type Answer = { readonly body: unknown; readonly headers: Headers };

/** A wait the API asks for is kept up to this; what asks for more is thrown at once. */
const MAX_RETRY_AFTER_MS = 60_000;

/** Makes calls: retries what is safe to retry, and turns error answers into typed errors. */
export class Transport {
  readonly #options: TransportOptions;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async call(call: Call, options: CallOptions = {}): Promise<Answer> {
    const maxRetries = options.maxRetries ?? this.#options.maxRetries;
    for (let tries = 0; ; tries += 1) {
      options.signal?.throwIfAborted();
      const result = await this.#try(call, options);
      if (result.kind === 'answer') return result;
      if (tries >= maxRetries || !isSafeToRepeat(call, result)) throw result.error;
      const asked = result.retryAfterMs;
      if (asked !== null && asked > MAX_RETRY_AFTER_MS) throw result.error;
      await wait(asked ?? backoffMs(tries), options.signal);
    }
  }

  async #try(call: Call, options: CallOptions): Promise<Try> {
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs;
    const limit = AbortSignal.timeout(timeoutMs);
    const end = new AbortController();
    const onEnd = (event: Event) => end.abort((event.target as AbortSignal).reason);
    const signals = [limit, ...(options.signal ? [options.signal] : [])];
    for (const signal of signals) signal.addEventListener('abort', onEnd, { once: true });
    const detach = (ended: readonly AbortSignal[]) => {
      for (const signal of ended) signal.removeEventListener('abort', onEnd);
    };
    let streaming = false;
    try {
      const response = await this.#options.fetch(this.#urlOf(call), this.#init(call, end.signal));
      if (call.streams === true && response.ok) {
        streaming = true;
        return { kind: 'answer', body: response.body, headers: response.headers };
      }
      return await readAnswer(response);
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      if (error instanceof CourierXError) throw error;
      const where = `${call.method} ${call.path}`;
      return {
        kind: 'no-answer',
        retryAfterMs: null,
        error: limit.aborted
          ? new TimeoutError(`No answer to ${where} in ${timeoutMs} ms`, { cause: error })
          : new ConnectionError(`No answer to ${where}: ${wordsOf(error)}`, { cause: error }),
      };
    } finally {
      // What has begun to come may take its time; the caller can still end it.
      detach(streaming ? [limit] : signals);
    }
  }

  #urlOf({ path, query = {} }: Call): string {
    const url = new URL(`${this.#options.baseUrl}/api/v1${path}`);
    for (const [name, value] of Object.entries(toWire(query) as Record<string, QueryValue>)) {
      if (value === null || value === undefined) continue;
      url.searchParams.set(name, value instanceof Date ? value.toISOString() : String(value));
    }
    return url.href;
  }

  #init(call: Call, signal: AbortSignal): RequestInit {
    const { apiKey } = this.#options;
    const json = call.body === undefined ? undefined : JSON.stringify(toWire(call.body));
    const type = call.raw?.type ?? (json === undefined ? undefined : 'application/json');
    const body = call.raw?.content ?? json;
    return {
      method: call.method,
      signal,
      redirect: 'error',
      headers: {
        accept: 'application/json',
        'user-agent': `courierx-node/${VERSION}`,
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
        ...(type !== undefined && { 'content-type': type }),
        ...call.headers,
      },
      ...(body !== undefined && { body }),
    };
  }
}

type Refused = { readonly error: CourierXError; readonly retryAfterMs: number | null };
type Try =
  | ({ readonly kind: 'answer' } & Answer)
  | ({ readonly kind: 'no-answer' } & Refused)
  | ({ readonly kind: 'refused'; readonly status: number } & Refused);

async function readAnswer(response: Response): Promise<Try> {
  const { status, headers } = response;
  const text = await response.text();
  const body = parse(text);
  if (response.ok) {
    if (body === undefined && text !== '') {
      throw new CourierXError(`The answer of ${response.url} is not JSON: is baseUrl right?`);
    }
    return { kind: 'answer', body: fromWire(body), headers };
  }
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterSeconds = Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
  const { error, errors, code } = (body ?? {}) as Record<string, unknown>;
  return {
    kind: 'refused',
    status,
    retryAfterMs: retryAfterSeconds === null ? null : retryAfterSeconds * 1000,
    error: toApiError({
      status,
      code: typeof code === 'string' ? code : null,
      errors: Array.isArray(errors)
        ? errors.map(String)
        : [typeof error === 'string' ? error : `HTTP ${status}`],
      requestId: headers.get('x-request-id'),
      retryAfterSeconds,
    }),
  };
}

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A 429 was not acted on, whatever it asked; the rest may have been. */
function isSafeToRepeat(call: Call, result: Exclude<Try, { kind: 'answer' }>): boolean {
  if (result.kind === 'refused' && result.status === 429) return true;
  if (!(call.isRepeatable ?? call.method !== 'POST')) return false;
  return result.kind === 'no-answer' || [408, 500, 502, 503, 504].includes(result.status);
}

/** Half a second, then doubled, never over eight; a quarter of it by chance. */
function backoffMs(tries: number): number {
  return Math.min(500 * 2 ** tries, 8_000) * (0.75 + 0.25 * Math.random());
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}
