import type { Connection } from '../connection.ts';
import type { ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import type { OutgoingMessage } from '../message.ts';
import type { Settlement } from '../settlement.ts';
import { apiKeyOf, callMailgun, describeAnswer, domainOf } from './api.ts';
import { ATTEMPT_VARIABLE, EMAIL_ID_VARIABLE } from './payload.ts';
import { toMessageId } from './response.ts';

/** The index of events lags behind; after this long what is not in it may still have been sent. */
const WINDOW_MS = 20_000;
const ASK_AGAIN_MS = 4_000;
/** Their clock and ours. */
const CLOCK_SKEW_MS = 5 * 60_000;

type Attempt = { readonly message: OutgoingMessage; readonly startedAt: Date };

/** Looks for events of the attempt by the mail's Message-ID, which we chose. */
export async function settle(
  http: ProviderHttp,
  { connection, attempt }: { connection: Connection; attempt: Attempt },
  signal: AbortSignal,
): Promise<Settlement> {
  const { message, startedAt } = attempt;
  const query = new URLSearchParams({
    'message-id': toMessageId(message.messageId),
    begin: String(Math.floor((startedAt.getTime() - CLOCK_SKEW_MS) / 1000)),
    ascending: 'yes',
    limit: '300',
  });
  const path = `/v3/${domainOf(connection)}/events?${query.toString()}`;
  const answer = await callMailgun(http, { connection, call: { method: 'GET', path } }, signal);
  if (answer.kind !== 'answer') return wait(startedAt, answer.detail);
  const words = describeAnswer(answer, apiKeyOf(connection));
  if (answer.status === 429 || answer.status >= 500) return wait(startedAt, words);
  if (answer.status !== 200) {
    const detail = `This API key can't search Mailgun's events: ${words}`;
    return { kind: 'not_known', detail };
  }
  return judge(readItems(answer.body), attempt);
}

/** `ask_again` while the window is open; it never says that a mail was not sent. */
function wait(startedAt: Date, detail: string): Settlement {
  return Date.now() - startedAt.getTime() < WINDOW_MS
    ? { kind: 'ask_again', afterMs: ASK_AGAIN_MS, detail }
    : { kind: 'not_known', detail };
}

type Item = Readonly<Record<string, unknown>>;

function readItems(body: string): readonly Item[] {
  const parsed = parseJson(body);
  const items: unknown[] =
    isRecord(parsed) && Array.isArray(parsed['items']) ? parsed['items'] : [];
  return items.filter(isRecord);
}

function judge(items: readonly Item[], { message, startedAt }: Attempt): Settlement {
  const ours = items.filter((item) => isOf(item, message));
  const taken = ours.find(({ event }) => event !== 'rejected');
  if (taken) {
    const detail = `Mailgun has taken it: event "${String(taken['event'])}"`;
    return {
      kind: 'accepted',
      outcome: {
        kind: 'accepted',
        detail,
        statusCode: null,
        providerMessageId: messageIdOf(taken) ?? toMessageId(message.messageId),
        recipientFaults: [],
        events: [],
      },
    };
  }
  const [rejected] = ours;
  // One recipient has one end; of several, others may have been taken, their events yet to come.
  if (rejected && message.recipients.length === 1) {
    const reason = isRecord(rejected['reject']) ? rejected['reject']['reason'] : null;
    const detail = typeof reason === 'string' ? reason.slice(0, 400) : 'no reason given';
    return { kind: 'not_sent', detail: `Mailgun rejected it: ${detail}` };
  }
  return wait(startedAt, 'Mailgun has no event of it so far');
}

/** The Message-ID is the same on every attempt, so the attempt's number tells them apart. */
function isOf(item: Item, { emailId, attemptNumber }: OutgoingMessage): boolean {
  const variables = isRecord(item['user-variables']) ? item['user-variables'] : {};
  return (
    variables[EMAIL_ID_VARIABLE] === emailId &&
    String(variables[ATTEMPT_VARIABLE]) === String(attemptNumber)
  );
}

function messageIdOf(item: Item): string | null {
  const message = isRecord(item['message']) ? item['message'] : {};
  const headers = isRecord(message['headers']) ? message['headers'] : {};
  const id = headers['message-id'];
  return typeof id === 'string' && id !== '' ? toMessageId(id) : null;
}
