import { isId } from '../../lib/ids.ts';
import { toDetail } from '../detail.ts';
import type { EmailEventType } from '../event.ts';
import { readReplyCode, readSpecificStatus } from '../evidence.ts';
import { isRecord, parseJson } from '../json.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';
import { EMAIL_ID_ARG } from './payload.ts';

type Fields = Readonly<Record<string, unknown>>;

/** SendGrid's words in ours; a Map, so that no word can reach what every object has. */
const TYPES: ReadonlyMap<string, EmailEventType | null> = new Map([
  ['processed', 'sent'],
  ['deferred', 'deferred'],
  ['delivered', 'delivered'],
  ['bounce', 'bounced'],
  // Unless its reason is one of those below.
  ['dropped', 'failed'],
  ['spamreport', 'complained'],
  ['open', 'opened'],
  ['click', 'clicked'],
  ['unsubscribe', 'unsubscribed'],
  ['group_unsubscribe', 'unsubscribed'],
  // Known, and none of our words: nobody is taken off a list for it.
  ['group_resubscribe', null],
  ['account_status_change', null],
]);

/** Why a mail was dropped: its recipient is on one of SendGrid's own suppression lists. */
const SUPPRESSED_REASONS: readonly string[] = [
  'bounced address',
  'unsubscribed address',
  'spam reporting address',
  'invalid',
];

const BOUNCE_LABELS: ReadonlyMap<unknown, 'hard' | 'soft'> = new Map([
  ['bounce', 'hard'],
  ['blocked', 'soft'],
]);

/** Where SendGrid itself says that the sender or the mail was at fault, no address is dead. */
const NOT_THE_ADDRESS: readonly unknown[] = [
  'Content',
  'Frequency or Volume Too High',
  'Reputation',
];

/** What the "Test Integration" button sends: made-up events of a mail that never was. */
const TEST_MESSAGE_ID = '14c5d75ce93.dfd.64b469.';

/**
 * The events of one request, each of one recipient. The custom args of a mail, and so its metadata,
 * stand beside SendGrid's own fields: a field is read only in the events that SendGrid puts it in.
 */
export function readEvents(body: Buffer): ReportedEvent[] {
  const parsed = parseJson(body.toString('utf8'));
  return Array.isArray(parsed)
    ? parsed.map((event) => readEvent(isRecord(event) ? event : {}))
    : [];
}

function readEvent(fields: Fields): ReportedEvent {
  const word = textOf(fields['event']) ?? '';
  const recipient = readRecipient(fields['email']);
  const messageId = textOf(fields['sg_message_id']) ?? '';
  const known = readType(word, fields);
  // Without a recipient it would be of all of them, and SendGrid speaks of one.
  const isOfNobody = recipient === null || messageId.startsWith(TEST_MESSAGE_ID);
  return {
    type: isOfNobody ? null : known,
    word: toDetail(word).slice(0, 100),
    providerEventId: textOf(fields['sg_event_id'])?.slice(0, 255) ?? null,
    // The header X-Message-Id of a send is the part before the first dot.
    providerMessageId: messageId.split('.')[0]?.slice(0, 255) || null,
    emailId: readEmailId(fields),
    recipient,
    occurredAt: readTime(fields['timestamp']),
    detail: readDetail(word, fields),
    bounce: word === 'bounce' ? readBounce(fields) : null,
    url: word === 'click' ? (textOf(fields['url'])?.slice(0, 2048) ?? null) : null,
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function readType(word: string, { reason }: Fields): EmailEventType | null {
  const isListed = SUPPRESSED_REASONS.includes((textOf(reason) ?? '').trim().toLowerCase());
  return word === 'dropped' && isListed ? 'suppressed' : (TYPES.get(word) ?? null);
}

function readRecipient(value: unknown): string | null {
  const address = (textOf(value) ?? '').trim();
  return address.includes('@') && address.length <= 320 ? address : null;
}

/** Our custom arg; else the Message-ID that we gave the mail, which is our id at a domain. */
function readEmailId(fields: Fields): string | null {
  const messageId = /^<([^<>@]+)@/.exec(textOf(fields['smtp-id']) ?? '')?.[1];
  const ids = [textOf(fields[EMAIL_ID_ARG]), messageId];
  return ids.find((id) => typeof id === 'string' && isId(id)) ?? null;
}

/** Seconds since 1970. */
function readTime(value: unknown): Date | null {
  const seconds = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number') return null;
  const date = new Date(seconds * 1000);
  const year = date.getUTCFullYear();
  return year >= 2000 && year < 2200 ? date : null;
}

/** Which fields tell more, by event; `sg_machine_open` marks what no person opened. */
const DETAIL_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['deferred', ['response']],
  ['delivered', ['response']],
  ['bounce', ['type', 'bounce_classification', 'reason']],
  ['dropped', ['reason']],
]);

function readDetail(word: string, fields: Fields): string | null {
  if (word === 'open' && fields['sg_machine_open'] === true) return 'Opened by a machine';
  const words = (DETAIL_FIELDS.get(word) ?? []).map((name) => textOf(fields[name]));
  const text = words.filter((part) => part !== null).join(': ');
  return text === '' ? null : toDetail(text);
}

function readBounce(fields: Fields): BounceEvidence {
  const { type, bounce_classification: classification } = fields;
  const reason = textOf(fields['reason']);
  return {
    label: NOT_THE_ADDRESS.includes(classification) ? 'soft' : (BOUNCE_LABELS.get(type) ?? null),
    enhancedStatus: readSpecificStatus(textOf(fields['status']), reason),
    replyCode: readReplyCode(reason),
    diagnostic: reason === null ? null : toDetail(reason),
  };
}
