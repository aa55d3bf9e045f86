import { Agent, request as send, type Dispatcher } from 'undici';
import { BlockedAddressError, type OutboundGuard } from '../lib/outbound-guard.ts';
import type { TimeLimits } from './time-limits.ts';

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

/** How far a request got that was not answered. */
export type NoAnswer = {
  /** `not_sent`: it certainly never reached the provider whole. `no_answer`: it may have. */
  readonly kind: 'not_sent' | 'no_answer';
  readonly reason:
    | 'dns_failed'
    | 'connect_failed'
    | 'connect_timeout'
    | 'tls_failed'
    | 'address_blocked'
    | 'response_timeout'
    | 'connection_lost';
  readonly detail: string;
};

export type ProviderResponse = ProviderAnswer | NoAnswer;

/** One HTTP client for every adapter: reused connections, separate time limits, no redirects. */
export type ProviderHttp = {
  /** Rejects only when `signal` aborts it. */
  request(request: ProviderRequest, signal: AbortSignal): Promise<ProviderResponse>;
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 64 * 1024;
const CONNECTIONS_PER_ORIGIN = 128;

export function createProviderHttp(options: {
  guard: OutboundGuard;
  timeLimits: TimeLimits;
}): ProviderHttp {
  const { guard, timeLimits } = options;
  const agent = new Agent({
    connections: CONNECTIONS_PER_ORIGIN,
    // One request at a time on a socket: with more, a loss would leave several in doubt.
    pipelining: 1,
    // Providers close idle sockets after a minute or more; ours go first, so that a request does
    // not meet a socket that is just being closed.
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 30_000,
    headersTimeout: timeLimits.firstByteMs,
    bodyTimeout: timeLimits.firstByteMs,
    connect: { timeout: timeLimits.connectMs, lookup: guard.lookup },
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
  const { method, url, headers, body } = request;
  const total = AbortSignal.timeout(timeLimits.totalMs);
  let response: Dispatcher.ResponseData;
  try {
    response = await send(url, {
      method,
      headers,
      ...(body !== undefined && { body }),
      dispatcher: agent,
      signal: AbortSignal.any([signal, total]),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return explain(error, total.aborted);
  }
  return {
    kind: 'answer',
    status: response.statusCode,
    headers: flatten(response.headers),
    body: await readBody(response),
  };
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

const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;

/** Where the connection failed before the request could begin. */
const BEFORE_REQUEST: Readonly<Record<string, NoAnswer['reason']>> = {
  ENOTFOUND: 'dns_failed',
  EAI_AGAIN: 'dns_failed',
  EAI_FAIL: 'dns_failed',
  ENODATA: 'dns_failed',
  ECONNREFUSED: 'connect_failed',
  EHOSTUNREACH: 'connect_failed',
  ENETUNREACH: 'connect_failed',
  EADDRNOTAVAIL: 'connect_failed',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
};

/**
 * Anything that is not certainly from before the request counts as "it may have arrived": a socket
 * that breaks says nothing of what the other side had read by then.
 */
function explain(error: unknown, isTotalPassed: boolean): NoAnswer {
  const { code, message } = describe(error);
  if (error instanceof BlockedAddressError || code === 'ERR_ADDRESS_BLOCKED') {
    return { kind: 'not_sent', reason: 'address_blocked', detail: message };
  }
  if (TLS_CODE.test(code)) return { kind: 'not_sent', reason: 'tls_failed', detail: message };
  const reason = BEFORE_REQUEST[code];
  if (reason !== undefined) return { kind: 'not_sent', reason, detail: message };
  const isTimeout = isTotalPassed || code === 'UND_ERR_HEADERS_TIMEOUT';
  return {
    kind: 'no_answer',
    reason: isTimeout ? 'response_timeout' : 'connection_lost',
    detail: isTimeout ? 'no answer in time' : message,
  };
}

/** With several addresses tried, the parts of the AggregateError hold the codes. */
function describe(error: unknown): { code: string; message: string } {
  const part = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  if (!(part instanceof Error)) return { code: '', message: String(part) };
  const code = 'code' in part && typeof part.code === 'string' ? part.code : '';
  const message = part.message === '' ? code : part.message;
  if (code === '' && part.cause instanceof Error) return describe(part.cause);
  return { code, message: message.slice(0, 300) };
}
