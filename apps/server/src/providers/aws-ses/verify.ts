import type { Connection } from '../connection.ts';
import type { ProviderAnswer } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { LearnedLimits, VerificationResult } from '../provider.ts';
import type { AwsApi } from './api.ts';
import { describeError, readError } from './error.ts';

/** Asks for the account, then for the identities it may send from. */
export async function verify(
  api: AwsApi,
  connection: Connection,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const call = { method: 'GET', path: '/v2/email/account' } as const;
  const response = await api.sesCalmly(connection, call, signal);
  if (response.kind !== 'answer') return verificationOfNoAnswer(response);
  if (response.status !== 200) return judgeRefusal(response, connection);
  const account = parseJson(response.body);
  if (!isRecord(account) || !isRecord(account['SendQuota'])) {
    return { status: 'failed', message: NO_SES };
  }
  if (account['SendingEnabled'] === false || account['EnforcementStatus'] === 'SHUTDOWN') {
    return { status: 'failed', message: 'Amazon has paused sending for this account and region' };
  }
  const isSandboxed = account['ProductionAccessEnabled'] === false;
  return {
    status: 'verified',
    message: isSandboxed
      ? 'The keys are valid; the account is in the sandbox and sends to verified addresses only'
      : 'The keys are valid',
    learned: {
      ...readQuota(account['SendQuota']),
      isSandboxed,
      verifiedSenders: await listSenders(api, connection, signal),
    },
  };
}

const NO_SES = 'There is no Amazon SES at this address';

function judgeRefusal(answer: ProviderAnswer, connection: Connection): VerificationResult {
  const { status } = answer;
  const { name } = readError(answer);
  const words = describeError(answer, connection.secrets.secret);
  // Amazon checks the key before its rights, so this one is good.
  if (/^AccessDenied/.test(name)) {
    return {
      status: 'verified',
      message:
        'The keys are valid; without ses:GetAccount neither quota nor sandbox state can be seen',
    };
  }
  if (status === 408 || status === 429 || status >= 500 || /^(Throttling|TooMany)/.test(name)) {
    return { status: 'unreachable', message: `Amazon SES can't answer now: ${words}` };
  }
  if (name === '') return { status: 'failed', message: `${NO_SES}: ${words}` };
  return { status: 'failed', message: `Amazon SES refuses these keys: ${words}` };
}

function readQuota(
  quota: Record<string, unknown>,
): Pick<LearnedLimits, 'maxSendRate' | 'dailyQuota' | 'sentToday'> {
  const numberOf = (key: string) => {
    const value = quota[key];
    // -1 stands for no limit.
    return typeof value === 'number' && value >= 0 ? value : null;
  };
  return {
    maxSendRate: numberOf('MaxSendRate'),
    dailyQuota: numberOf('Max24HourSend'),
    sentToday: numberOf('SentLast24Hours'),
  };
}

const MAX_PAGES = 5;

/** Null where the keys may not list them, or they are too many to say "only these". */
async function listSenders(
  api: AwsApi,
  connection: Connection,
  signal: AbortSignal,
): Promise<string[] | null> {
  const senders: string[] = [];
  let token: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const body = { PageSize: 1000, ...(typeof token === 'string' && { NextToken: token }) };
    const call = { method: 'POST', path: '/v2/email/list-identities', body } as const;
    const response = await api.sesCalmly(connection, call, signal);
    const parsed =
      response.kind === 'answer' && response.status === 200 ? parseJson(response.body) : null;
    if (!isRecord(parsed) || !Array.isArray(parsed['EmailIdentities'])) return null;
    for (const identity of parsed['EmailIdentities'] as unknown[]) {
      if (!isRecord(identity) || identity['SendingEnabled'] !== true) continue;
      if (typeof identity['IdentityName'] === 'string') senders.push(identity['IdentityName']);
    }
    token = parsed['NextToken'];
    if (typeof token !== 'string' || token === '') return senders;
  }
  return null;
}
