import type { Readable } from 'node:stream';
import { Agent, request as send, type Dispatcher } from 'undici';
import type { OutboundGuard } from '../lib/outbound-guard.ts';
import { createGuardedConnector } from './connector.ts';
import { explainNoAnswer, type NoAnswer } from './explain-no-answer.ts';
import type { TimeLimits } from './time-limits.ts';

export type { NoAnswer } from './explain-no-answer.ts';

/** What a provider's API is asked. */
export type ProviderRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

/** A whole answer. */
export type ProviderAnswer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** At most 64 KiB of the body; the status stands even where the body broke off. */
  readonly body: string;
};

export type ProviderResponse = ProviderAnswer | NoAnswer;

/** One HTTP client for every adapter: reused connections, separate time limits, no redirects. */
export type ProviderHttp = {
  /** Rejects only when `signal` aborts it. */
  request(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse>;
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 64 * 1024;
const CHUNK_BYTES = 64 * 1024;

export function createProviderHttp(options: {
  guard: OutboundGuard;
  timeLimits: TimeLimits;
}): ProviderHttp {
  const { guard, timeLimits } = options;
  const agent = new Agent({
    // As many sockets as there are requests: one that waited for a socket would have less time left.
    connections: null,
    // One request at a time on a socket: with more, a loss would leave several in doubt.
    pipelining: 1,
    // HTTP/2 has refusals and re-sends of its own, and many requests on a socket.
    allowH2: false,
    // Providers close idle sockets after a minute or more; ours go first, so that a request does
    // not meet a socket that is just being closed.
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: timeLimits.firstByteMs,
    bodyTimeout: timeLimits.firstByteMs,
    connect: createGuardedConnector(guard, timeLimits.connectMs),
  });
  return {
    request: (request, signal) => exchange(agent, { request, signal, timeLimits }),
    // `destroy` would break off what is under way; by now nothing is.
    close: () => agent.close(),
  };
}

type Exchange = {
  readonly request: ProviderRequest;
  readonly signal: AbortSignal;
  readonly timeLimits: TimeLimits;
};

async function exchange(agent: Dispatcher, exchanged: Exchange): Promise<ProviderResponse> {
  const { request, signal, timeLimits } = exchanged;
  const { method, url, headers } = request;
  const body = new OutgoingBody(request.body);
  using deadline = new Deadline(signal, timeLimits.totalMs);
  let response: Dispatcher.ResponseData;
  try {
    response = await send(url, {
      method,
      headers: { ...headers, ...(body.length > 0 && { 'content-length': String(body.length) }) },
      // undici takes any iterable; its types know of Readable only.
      ...(body.length > 0 && { body: body.chunks() as unknown as Readable }),
      dispatcher: agent,
      signal: deadline.signal,
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return explainNoAnswer(error, { isComplete: body.isComplete, isTimeUp: deadline.isPassed });
  }
  return {
    kind: 'answer',
    status: response.statusCode,
    headers: flatten(response.headers),
    body: await readBody(response),
  };
}

/** Aborts with a signal or after a time. Leaves neither a timer nor a listener behind. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #outer: AbortSignal;
  readonly #stop: () => void;
  isPassed = false;

  constructor(outer: AbortSignal, ms: number) {
    this.#outer = outer;
    this.#stop = () => this.#controller.abort(outer.reason);
    this.#timer = setTimeout(() => {
      this.isPassed = true;
      this.#controller.abort();
    }, ms);
    if (outer.aborted) this.#stop();
    outer.addEventListener('abort', this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#stop);
  }
}

/**
 * Hands a body out piece by piece, each when the socket has taken the one before. As long as the
 * last piece was not asked for, no server can have the whole request, so none can have accepted it.
 */
class OutgoingBody {
  readonly #bytes: Buffer;
  /** Whether all of it was handed out; a request without a body is complete once it is made. */
  isComplete: boolean;

  constructor(body: string | Buffer = '') {
    this.#bytes = Buffer.isBuffer(body) ? body : Buffer.from(body);
    this.isComplete = this.#bytes.length === 0;
  }

  get length(): number {
    return this.#bytes.length;
  }

  *chunks(): Generator<Buffer, void> {
    for (let offset = 0; offset < this.length; offset += CHUNK_BYTES) {
      this.isComplete = offset + CHUNK_BYTES >= this.length;
      yield this.#bytes.subarray(offset, offset + CHUNK_BYTES);
    }
  }
}

function flatten(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/** The status has said what became of the request: a body that breaks off or never ends is cut. */
async function readBody(response: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size >= MAX_BODY_BYTES) break;
    }
  } catch {
    // What came so far is all there is.
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES).toString('utf8');
}
