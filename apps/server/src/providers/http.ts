import type { Readable } from 'node:stream';
import { Agent, type Dispatcher } from 'undici';
import type { OutboundGuard } from '../lib/outbound-guard.ts';
import { createGuardedConnector } from './connector.ts';
import { explainNoAnswer, type NoAnswer } from './explain-no-answer.ts';
import { HttpCall, type CallAnswer } from './http-call.ts';
import type { TimeLimits } from './time-limits.ts';

export type { NoAnswer } from './explain-no-answer.ts';

/** What a provider's API is asked. */
export type ProviderRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

export type ProviderAnswer = CallAnswer & { readonly kind: 'answer' };

export type ProviderResponse = ProviderAnswer | NoAnswer;

/** One HTTP client for every adapter: reused connections, separate time limits, no redirects. */
export type ProviderHttp = {
  /** Rejects only when `signal` aborts it. */
  request(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse>;
  close(): Promise<void>;
};

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
  signal.throwIfAborted();
  const body = new OutgoingBody(request.body);
  const call = new HttpCall();
  const stop = () => call.abort(signal.reason as Error);
  signal.addEventListener('abort', stop);
  let isTimeUp = false;
  const deadline = setTimeout(() => {
    isTimeUp = true;
    call.abort(new Error('No whole answer in time'));
  }, timeLimits.totalMs);
  try {
    dispatch(agent, { request, body, call });
    return { kind: 'answer', ...(await call.answer) };
  } catch (error) {
    if (signal.aborted) throw error;
    return explainNoAnswer(error, { isComplete: body.isComplete, isTimeUp });
  } finally {
    clearTimeout(deadline);
    signal.removeEventListener('abort', stop);
  }
}

type Dispatching = {
  readonly request: ProviderRequest;
  readonly body: OutgoingBody;
  readonly call: HttpCall;
};

function dispatch(agent: Dispatcher, { request, body, call }: Dispatching): void {
  const { method, url, headers } = request;
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  if (body.length === 0) {
    agent.dispatch({ origin, path, method, headers }, call);
    return;
  }
  const length = { 'content-length': String(body.length) };
  // undici takes any iterable; its types know of Readable only.
  const chunks = body.chunks() as unknown as Readable;
  agent.dispatch({ origin, path, method, headers: { ...headers, ...length }, body: chunks }, call);
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
