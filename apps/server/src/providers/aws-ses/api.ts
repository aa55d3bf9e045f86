import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp, ProviderRequest, ProviderResponse } from '../http.ts';
import { readError } from './error.ts';
import { domainOf } from './region.ts';
import { signRequest, type Scope } from './sign.ts';

/** A call of the SES API v2. */
export type SesCall = {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Such as `/v2/email/account`. */
  readonly path: string;
  readonly body?: unknown;
};

/** A call of SNS: an action and its parameters. */
export type SnsCall = {
  readonly region: string;
  readonly action: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** True: without a signature. */
  readonly isAnonymous?: boolean;
};

/** Amazon's APIs under a connection's key. Nothing is ever sent twice, save what was not let in. */
export type AwsApi = {
  ses(connection: Connection, call: SesCall, signal: AbortSignal): Promise<ProviderResponse>;
  /** As `ses`, for all but sending: waits a second and asks again where SES wants it slower. */
  sesCalmly(connection: Connection, call: SesCall, signal: AbortSignal): Promise<ProviderResponse>;
  sns(connection: Connection, call: SnsCall, signal: AbortSignal): Promise<ProviderResponse>;
};

export function createAwsApi(http: ProviderHttp): AwsApi {
  /**
   * How far the clock of each host is ahead of ours, as its answers said. By host: what the endpoint
   * of one customer says is nothing to the others.
   */
  const clockOffsets = new LRUCache<string, number>({ max: 256 });

  async function ask(
    request: ProviderRequest,
    { connection, scope }: { connection: Connection; scope: Scope },
    signal: AbortSignal,
  ): Promise<ProviderResponse> {
    const { host } = new URL(request.url);
    const offset = clockOffsets.get(host) ?? 0;
    const sign = (offsetMs: number) =>
      signRequest(request, { connection, scope, date: new Date(Date.now() + offsetMs) });
    const response = await http.request(await sign(offset), signal);
    const found = response.kind === 'answer' ? findClockOffset(response, Date.now()) : null;
    if (found === null || Math.abs(found - offset) < MIN_SKEW_MS) return response;
    // Refused at the door for our clock: with the host's time it is let in.
    clockOffsets.set(host, found);
    return http.request(await sign(found), signal);
  }

  async function ses(connection: Connection, call: SesCall, signal: AbortSignal) {
    const { method, path, body } = call;
    const { region = '' } = connection.settings;
    const request: ProviderRequest = {
      method,
      url: `${sesUrlOf(connection)}${path}`,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    return ask(request, { connection, scope: { service: 'ses', region } }, signal);
  }

  return {
    ses,
    async sesCalmly(connection, call, signal) {
      for (let tries = 1; ; tries++) {
        const response = await ses(connection, call, signal);
        if (tries === MAX_TRIES || !isThrottled(response)) return response;
        await sleep(SECOND_MS, undefined, { signal });
      }
    },
    async sns(connection, { region, action, parameters, isAnonymous = false }, signal) {
      const request: ProviderRequest = {
        method: 'POST',
        url: `${snsUrlOf(connection, region)}/`,
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: new URLSearchParams({
          Action: action,
          Version: '2010-03-31',
          ...parameters,
        }).toString(),
      };
      if (isAnonymous) return http.request(request, signal);
      return ask(request, { connection, scope: { service: 'sns', region } }, signal);
    },
  };
}

const MIN_SKEW_MS = 60_000;
const MAX_TRIES = 3;
/** Everything but sending is taken once a second. */
const SECOND_MS = 1_100;

export function sesUrlOf({ settings: { endpoint, region = '' } }: Connection): string {
  return (endpoint ?? `https://email.${region}.${domainOf(region)}`).replace(/\/+$/, '');
}

/** An endpoint that is not Amazon's own (LocalStack) stands for all of its services. */
export function snsUrlOf({ settings: { endpoint } }: Connection, region: string): string {
  const isAmazons =
    endpoint === undefined ||
    /\.(amazonaws\.(com|com\.cn|eu)|api\.aws)$/.test(new URL(endpoint).hostname);
  return isAmazons ? `https://sns.${region}.${domainOf(region)}` : endpoint.replace(/\/+$/, '');
}

function isThrottled(response: ProviderResponse): boolean {
  if (response.kind !== 'answer') return false;
  return response.status === 429 || /^(Throttling|TooManyRequests)/.test(readError(response).name);
}

const SKEW_NAMES = ['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture'];

/** Whether a request was refused because of our clock. */
export function isClockFault({ name, message }: { name: string; message: string }): boolean {
  if (SKEW_NAMES.includes(name)) return true;
  const isOfSignature = name === 'InvalidSignatureException' || name === 'SignatureDoesNotMatch';
  return isOfSignature && /expired|not yet current/i.test(message);
}

function findClockOffset(answer: ProviderAnswer, nowMs: number): number | null {
  if (answer.status < 400 || !isClockFault(readError(answer))) return null;
  const time = Date.parse(answer.headers['date'] ?? '');
  return Number.isNaN(time) ? null : time - nowMs;
}
