import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { VerificationResult } from '../provider.ts';
import { apiKeyOf, callMailgun, describeAnswer, domainOf } from './api.ts';

/**
 * Asks for the domain. A domain sending key may not read it: such a key is told from a bad one by a
 * mail without anything in it, which Mailgun refuses for that reason alone.
 */
export async function verify(
  http: ProviderHttp,
  connection: Connection,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const domain = domainOf(connection);
  const path = `/v4/domains/${domain}`;
  const answer = await callMailgun(http, { connection, call: { method: 'GET', path } }, signal);
  if (answer.kind !== 'answer') return verificationOfNoAnswer(answer);
  if (answer.status === 200) return judgeDomain(answer.body);
  if (answer.status !== 401 && answer.status !== 403) return explain(answer, connection);
  const call = { method: 'POST', path: `/v3/${domain}/messages`, form: emptyForm() } as const;
  const probe = await callMailgun(http, { connection, call }, signal);
  if (probe.kind !== 'answer') return verificationOfNoAnswer(probe);
  return probe.status === 400 ? judgeProbe(probe, connection) : explain(probe, connection);
}

function emptyForm(): FormData {
  const form = new FormData();
  form.append('o:testmode', 'yes');
  return form;
}

function judgeProbe(answer: ProviderAnswer, connection: Connection): VerificationResult {
  const words = describeAnswer(answer, apiKeyOf(connection));
  return /parameter is missing|need at least one of/i.test(words)
    ? { status: 'verified', message: 'The API key is valid for sending only' }
    : { status: 'failed', message: `Mailgun refuses mail of this domain: ${words}` };
}

function judgeDomain(body: string): VerificationResult {
  const parsed = parseJson(body);
  const domain = isRecord(parsed) && isRecord(parsed['domain']) ? parsed['domain'] : null;
  if (domain === null) return { status: 'failed', message: NO_MAILGUN };
  const { state, type, is_disabled: isDisabled } = domain;
  if (isDisabled === true || state === 'disabled') {
    return { status: 'failed', message: 'Mailgun has disabled this domain' };
  }
  if (state !== 'active') {
    const message = 'The domain is not verified at Mailgun yet: set its DNS records';
    return { status: 'failed', message };
  }
  return {
    status: 'verified',
    message:
      type === 'sandbox'
        ? 'API key and domain are valid; it is a sandbox domain, which sends to authorized recipients only'
        : 'API key and domain are valid',
    learned: {
      maxSendRate: null,
      dailyQuota: null,
      sentToday: null,
      isSandboxed: type === 'sandbox',
      verifiedSenders: null,
    },
  };
}

const NO_MAILGUN = 'There is no Mailgun API at this address';

function explain(answer: ProviderAnswer, connection: Connection): VerificationResult {
  const { status } = answer;
  const words = describeAnswer(answer, apiKeyOf(connection));
  const { region = 'us' } = connection.settings;
  if (status === 401 || status === 403) {
    const message = `The API key is not valid for this domain in region ${region}: ${words}`;
    return { status: 'failed', message };
  }
  if (status === 404 && isRecord(parseJson(answer.body))) {
    const message = `Mailgun has no such domain (smtp_host) in region ${region}: ${words}`;
    return { status: 'failed', message };
  }
  return status === 408 || status === 420 || status === 429 || status >= 500
    ? { status: 'unreachable', message: `Mailgun can't answer now: ${words}` }
    : { status: 'failed', message: `${NO_MAILGUN}: ${words}` };
}
