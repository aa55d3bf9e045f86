import type { Connection } from '../connection.ts';
import type { ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import type { OutgoingMessage } from '../message.ts';
import type { RecipientFault } from '../outcome.ts';
import type { Settlement } from '../settlement.ts';
import { callPostmark, describeAnswer, streamOf, tokenOf } from './api.ts';
import { ATTEMPT_KEY, attemptKeyOf } from './payload.ts';

/** The search lags behind; after this long what is not in it may still have been sent. */
const WINDOW_MS = 20_000;
const ASK_AGAIN_MS = 4_000;

type Attempt = { readonly message: OutgoingMessage; readonly startedAt: Date };

/** Searches outbound mail by a metadata value that this attempt alone has. */
export async function settle(
  http: ProviderHttp,
  { connection, attempt }: { connection: Connection; attempt: Attempt },
  signal: AbortSignal,
): Promise<Settlement> {
  const { message, startedAt } = attempt;
  const query = new URLSearchParams({
    count: '10',
    offset: '0',
    messagestream: streamOf(connection),
    [`metadata_${ATTEMPT_KEY}`]: attemptKeyOf(message),
  });
  const call = { method: 'GET', path: `/messages/outbound?${query.toString()}` } as const;
  const answer = await callPostmark(http, { connection, call }, signal);
  if (answer.kind !== 'answer') return wait(startedAt, answer.detail);
  const words = describeAnswer(answer, tokenOf(connection));
  if (answer.status === 429 || answer.status >= 500) return wait(startedAt, words);
  if (answer.status !== 200) {
    return { kind: 'not_known', detail: `Postmark does not search its mail: ${words}` };
  }
  const found = findMail(answer.body, message);
  return found ? accept(found, message) : wait(startedAt, 'Postmark has no such mail so far');
}

/** `ask_again` while the window is open; it never says that a mail was not sent. */
function wait(startedAt: Date, detail: string): Settlement {
  return Date.now() - startedAt.getTime() < WINDOW_MS
    ? { kind: 'ask_again', afterMs: ASK_AGAIN_MS, detail }
    : { kind: 'not_known', detail };
}

type Found = { readonly id: string; readonly recipients: readonly string[] | null };

/** Our own value must be in it: a filter that is not understood would find any mail. */
function findMail(body: string, message: OutgoingMessage): Found | null {
  const parsed = parseJson(body);
  const listed: unknown[] =
    isRecord(parsed) && Array.isArray(parsed['Messages']) ? parsed['Messages'] : [];
  const wanted = attemptKeyOf(message);
  for (const mail of listed.filter(isRecord)) {
    const { MessageID: id, Metadata: metadata, Recipients: recipients } = mail;
    const isOurs = isRecord(metadata) && metadata[ATTEMPT_KEY] === wanted;
    if (!isOurs || typeof id !== 'string' || id === '') continue;
    return { id: id.slice(0, 255), recipients: readRecipients(recipients) };
  }
  return null;
}

function readRecipients(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  const addresses = value.filter((entry) => typeof entry === 'string');
  return addresses.map((address) => address.toLowerCase());
}

/** Recipients that are not on Postmark's list were left out as inactive. */
function accept({ id, recipients }: Found, message: OutgoingMessage): Settlement {
  const detail = 'Postmark has taken it';
  const leftOut = recipients
    ? message.recipients.filter((recipient) => !recipients.includes(recipient.toLowerCase()))
    : [];
  const recipientFaults = leftOut.map((address): RecipientFault => {
    const words = 'Postmark left it out';
    return { address, kind: 'rejected', reason: 'invalid_recipient', detail: words };
  });
  return {
    kind: 'accepted',
    outcome: {
      kind: 'accepted',
      detail,
      statusCode: null,
      providerMessageId: id,
      // A list in another form than ours would make all of them faults.
      recipientFaults: leftOut.length < message.recipients.length ? recipientFaults : [],
      events: [],
    },
  };
}
