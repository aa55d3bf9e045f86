import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { LearnedLimits, VerificationResult } from '../provider.ts';
import { apiKeyOf, callResend } from './api.ts';
import { describeError, readError } from './response.ts';

/** Asks for the domains: only a key with full access may, and Resend says so of the others. */
export async function verify(
  http: ProviderHttp,
  connection: Connection,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const call = { method: 'GET', path: '/domains?limit=100' } as const;
  const response = await callResend(http, { connection, call }, signal);
  return response.kind === 'answer'
    ? judge(response, apiKeyOf(connection))
    : verificationOfNoAnswer(response);
}

const NO_RESEND = 'There is no Resend API at this address';

function judge(answer: ProviderAnswer, apiKey: string): VerificationResult {
  const { status } = answer;
  const words = describeError(answer, apiKey);
  if (status === 200) return judgeDomains(answer);
  if (status === 408 || status === 429 || status >= 500) {
    return { status: 'unreachable', message: `Resend can't answer now: ${words}` };
  }
  const error = readError(answer);
  if (error === null) return { status: 'failed', message: `${NO_RESEND}: ${words}` };
  if (error.name === 'restricted_api_key' && !/not active/i.test(error.message)) {
    return {
      status: 'verified',
      message:
        'API key is valid and may only send: its domains are not shown, and the webhook must be set up by hand',
    };
  }
  if (/api key is invalid/i.test(error.message) || status === 401) {
    return { status: 'failed', message: `The API key is not valid: ${words}` };
  }
  return status === 403
    ? { status: 'failed', message: `Resend refuses this API key: ${words}` }
    : { status: 'failed', message: `${NO_RESEND}: ${words}` };
}

function judgeDomains({ headers, body }: ProviderAnswer): VerificationResult {
  const parsed = parseJson(body);
  const domains = isRecord(parsed) ? parsed['data'] : null;
  if (!Array.isArray(domains)) return { status: 'failed', message: NO_RESEND };
  const verified = domains.filter(maySend).map(({ name }) => name);
  // The list ends at a hundred: then "not in it" says nothing.
  const isWhole = isRecord(parsed) && parsed['has_more'] !== true;
  return {
    status: 'verified',
    message:
      verified.length > 0
        ? 'API key is valid'
        : 'API key is valid, but no domain is verified: Resend sends to your own address only',
    learned: {
      ...NOTHING_LEARNED,
      maxSendRate: readRate(headers),
      isSandboxed: isWhole ? verified.length === 0 : null,
      verifiedSenders: isWhole ? verified : null,
    },
  };
}

const NOTHING_LEARNED: LearnedLimits = {
  maxSendRate: null,
  dailyQuota: null,
  sentToday: null,
  isSandboxed: null,
  verifiedSenders: null,
};

function maySend(domain: unknown): domain is { name: string } {
  if (!isRecord(domain) || typeof domain['name'] !== 'string') return false;
  const { status, capabilities } = domain;
  const isDisabled = isRecord(capabilities) && capabilities['sending'] === 'disabled';
  return (status === 'verified' || status === 'partially_verified') && !isDisabled;
}

/** `ratelimit-limit: 10`, `ratelimit-policy: 10;w=1`: requests in a window of seconds. */
function readRate(headers: ProviderAnswer['headers']): number | null {
  const limit = /^(\d{1,6})\b/.exec(headers['ratelimit-limit'] ?? '')?.[1];
  if (limit === undefined || Number(limit) === 0) return null;
  const window = Number(/;\s*w=(\d{1,5})/.exec(headers['ratelimit-policy'] ?? '')?.[1] ?? 1);
  return Number(limit) / Math.max(1, window);
}
