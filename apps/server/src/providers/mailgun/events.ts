import { parseMailbox } from '../../lib/address.ts';
import { isId } from '../../lib/ids.ts';
import { toDetail } from '../detail.ts';
import type { EmailEventType } from '../event.ts';
import { readEnhancedStatus } from '../evidence.ts';
import { isRecord, parseJson } from '../json.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';
import { EMAIL_ID_VARIABLE } from './payload.ts';
import { toMessageId } from './response.ts';

/** Mailgun's words in ours. What failed has more to it, see {@link FAILURES}. */
const TYPES: ReadonlyMap<string, EmailEventType> = new Map([
  ['accepted', 'sent'],
  ['delivered', 'delivered'],
  ['opened', 'opened'],
  ['clicked', 'clicked'],
  ['unsubscribed', 'unsubscribed'],
  ['complained', 'complained'],
  ['rejected', 'failed'],
  ['temporary_fail', 'deferred'],
  ['permanent_fail', 'bounced'],
]);

type Failure = { readonly type: EmailEventType; readonly label: BounceEvidence['label'] };

/** A permanent failure by its `reason`; for others the evidence is all there is. */
const FAILURES: ReadonlyMap<unknown, Failure> = new Map<unknown, Failure>([
  ['bounce', { type: 'bounced', label: 'hard' }],
  ['suppress-bounce', { type: 'suppressed', label: null }],
  ['suppress-complaint', { type: 'suppressed', label: null }],
  ['suppress-unsubscribe', { type: 'suppressed', label: null }],
  // Tried until its time was up.
  ['old', { type: 'bounced', label: 'soft' }],
  ['espblock', { type: 'bounced', label: 'soft' }],
  ['blacklisted', { type: 'bounced', label: 'soft' }],
  ['greylisted', { type: 'bounced', label: 'soft' }],
]);

type Fields = Readonly<Record<string, unknown>>;

/** One request is one event. */
export function readEvents(body: Buffer): ReportedEvent[] {
  const parsed = parseJson(body.toString('utf8'));
  if (!isRecord(parsed)) return [];
  const data = fieldsOf(parsed, 'event-data');
  const word = wordOf(data);
  const failure = word === 'permanent_fail' ? FAILURES.get(data['reason']) : undefined;
  const type = failure?.type ?? TYPES.get(word) ?? null;
  const headers = fieldsOf(fieldsOf(data, 'message'), 'headers');
  const messageId = textOf(headers['message-id']);
  return [
    {
      type,
      word: toDetail(word).slice(0, 100),
      providerEventId: readEventId(data),
      providerMessageId: messageId === null ? null : toMessageId(messageId),
      emailId: readEmailId(fieldsOf(data, 'user-variables')),
      recipient: readRecipient(data, headers),
      occurredAt: readTime(data['timestamp']),
      detail: readDetail(data),
      bounce: type === 'bounced' ? readBounce(data, failure?.label ?? null) : null,
      url: textOf(data['url'])?.slice(0, 2048) ?? null,
    },
  ];
}

function fieldsOf(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isRecord(value) ? value : {};
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** As the webhooks are called: `failed` is two of them. */
function wordOf({ event, severity }: Fields): string {
  const word = textOf(event) ?? '';
  if (word !== 'failed') return word;
  return severity === 'permanent' || severity === 'temporary' ? `${severity}_fail` : word;
}

/** Mailgun's ids are unique within a day only. */
function readEventId({ id, timestamp }: Fields): string | null {
  const text = textOf(id);
  if (text === null || text.length > 200 || typeof timestamp !== 'number') return null;
  return `${text}:${Math.floor(timestamp)}`;
}

function readEmailId(variables: Fields): string | null {
  const id = variables[EMAIL_ID_VARIABLE];
  return typeof id === 'string' && isId(id) ? id : null;
}

/** `rejected` has no recipient of its own; the To header does where it names one. */
function readRecipient(data: Fields, headers: Fields): string | null {
  const text = textOf(data['recipient']) ?? textOf(headers['to']);
  if (text === null) return null;
  return parseMailbox(text)?.address ?? null;
}

function readTime(value: unknown): Date | null {
  if (typeof value !== 'number') return null;
  const date = new Date(Math.round(value * 1000));
  const year = date.getUTCFullYear();
  return year >= 2000 && year < 2200 ? date : null;
}

function readDetail(data: Fields): string | null {
  const status = fieldsOf(data, 'delivery-status');
  const reject = fieldsOf(data, 'reject');
  const bot = textOf(fieldsOf(data, 'client-info')['bot']);
  const words = [
    data['reason'],
    reject['reason'],
    wordsOf(status) ?? reject['description'],
    bot === null ? null : `by a machine (${bot})`,
  ].flatMap((word) => textOf(word) ?? []);
  return words.length === 0 ? null : toDetail(words.join(': '));
}

/** What the receiving server said; Mailgun's own explanation where it said nothing. */
function wordsOf({ message, description }: Fields): string | null {
  return textOf(message) ?? textOf(description);
}

function readBounce(data: Fields, label: BounceEvidence['label']): BounceEvidence {
  const status = fieldsOf(data, 'delivery-status');
  const diagnostic = wordsOf(status);
  const told = textOf(status['enhanced-code']) ?? textOf(status['bounce-code']);
  // One that came later, by mail: its label is a guess.
  const isDelayed = fieldsOf(data, 'flags')['is-delayed-bounce'] === true;
  return {
    label: isDelayed ? null : label,
    enhancedStatus: readEnhancedStatus(told) ?? readEnhancedStatus(diagnostic),
    replyCode: readCode(status['code']),
    diagnostic: diagnostic === null ? null : toDetail(diagnostic),
  };
}

/** 498, 499 and from 600 on are Mailgun's own, not the receiving server's. */
function readCode(code: unknown): number | null {
  const value = typeof code === 'string' ? Number(code) : code;
  const isReply = typeof value === 'number' && Number.isInteger(value) && value >= 200;
  return isReply && value < 600 && value !== 498 && value !== 499 ? value : null;
}
