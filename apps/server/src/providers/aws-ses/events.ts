import { toDetail } from '../detail.ts';
import type { EmailEventType } from '../event.ts';
import { readDate, readEnhancedStatus, readReplyCode } from '../evidence.ts';
import { isRecord, parseJson } from '../json.ts';
import { EMAIL_ID_TAG } from '../name-value-tags.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';
import { isId } from '../../lib/ids.ts';
import { readEnvelope } from './envelope.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One word of SES: where its part is, and what it says of whom. */
type Word = {
  readonly part: string;
  read(part: Fields, mail: Fields): readonly Said[];
};

type Said = {
  readonly type: EmailEventType | null;
  readonly recipient: string | null;
  readonly detail?: string | null;
  readonly bounce?: BounceEvidence;
};

/** SES's words, of event publishing (`eventType`) and of notifications (`notificationType`). */
const WORDS: ReadonlyMap<string, Word> = new Map([
  ['Send', { part: 'send', read: (_, mail) => toAll('sent', mail['destination']) }],
  ['Delivery', { part: 'delivery', read: readDelivery }],
  ['Bounce', { part: 'bounce', read: readBounces }],
  ['Complaint', { part: 'complaint', read: readComplaints }],
  ['DeliveryDelay', { part: 'deliveryDelay', read: readDelays }],
  ['Reject', { part: 'reject', read: (part, mail) => readFailure(part['reason'], mail) }],
  [
    'Rendering Failure',
    { part: 'failure', read: (part, mail) => readFailure(part['errorMessage'], mail) },
  ],
  ['Open', { part: 'open', read: (_, mail) => toOne('opened', mail) }],
  ['Click', { part: 'click', read: (_, mail) => toOne('clicked', mail) }],
  ['Subscription', { part: 'subscription', read: readSubscription }],
]);

/** The events of a genuine request. SES's own test message, which is no JSON, holds none. */
export function readEvents(body: Buffer): ReportedEvent[] {
  const envelope = readEnvelope(body);
  if (envelope?.Type !== 'Notification') return [];
  const message = parseJson(envelope.Message);
  if (!isRecord(message)) return [];
  const word = textOf(message['eventType'] ?? message['notificationType']) ?? '';
  const mail = recordOf(message['mail']);
  const known = WORDS.get(word);
  const part = recordOf(known === undefined ? null : message[known.part]);
  const said = known?.read(part, mail) ?? [];
  const common = {
    word: toDetail(word).slice(0, 100),
    providerEventId: textOf(part['feedbackId'])?.slice(0, 255) ?? null,
    providerMessageId: textOf(mail['messageId'])?.slice(0, 255) ?? null,
    emailId: readEmailId(mail),
    occurredAt:
      readDate(part['timestamp']) ?? readDate(mail['timestamp']) ?? readDate(envelope.Timestamp),
    url: textOf(part['link'])?.slice(0, 2048) ?? null,
  };
  const all: readonly Said[] = said.length > 0 ? said : [{ type: null, recipient: null }];
  return all.map(({ type, recipient, detail = null, bounce = null }) => ({
    ...common,
    type,
    recipient,
    detail,
    bounce,
  }));
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function recordOf(value: unknown): Fields {
  return isRecord(value) ? value : {};
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Values of tags are lists. The header is there where tags are not: in notifications. */
function readEmailId(mail: Fields): string | null {
  const [tag] = listOf(recordOf(mail['tags'])[EMAIL_ID_TAG]);
  const header = listOf(mail['headers'])
    .filter(isRecord)
    .find(({ name }) => textOf(name)?.toLowerCase() === 'x-courierx-email-id');
  return [tag, header?.['value']].map(textOf).find((id) => id !== null && isId(id)) ?? null;
}

/** `a@x.example` or `Name <a@x.example>`. */
function addressOf(value: unknown): string | null {
  const text = textOf(value) ?? '';
  const address = (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim();
  return address.includes('@') && address.length <= 320 ? address : null;
}

function toAll(type: EmailEventType, list: unknown, detail: string | null = null): Said[] {
  return listOf(list)
    .map(addressOf)
    .filter((recipient) => recipient !== null)
    .map((recipient) => ({ type, recipient, detail }));
}

/** SES does not say which of several recipients opened a mail. */
function toOne(type: EmailEventType, mail: Fields): Said[] {
  const all = toAll(type, mail['destination']);
  return all.length === 1 ? all : [];
}

function readDelivery(part: Fields, mail: Fields): Said[] {
  const detail = wordsOf([part['smtpResponse']]);
  return toAll('delivered', part['recipients'] ?? mail['destination'], detail);
}

function readFailure(reason: unknown, mail: Fields): Said[] {
  return toAll('failed', mail['destination'], wordsOf([reason]));
}

function wordsOf(values: readonly unknown[]): string | null {
  const text = values
    .map(textOf)
    .filter((word) => word !== null && word !== '')
    .join(': ');
  return text === '' ? null : toDetail(text);
}

const BOUNCE_LABELS: ReadonlyMap<unknown, 'hard' | 'soft'> = new Map([
  ['Permanent', 'hard'],
  ['Transient', 'soft'],
  ['Undetermined', 'soft'],
]);

/** Not attempted, for what was known before: says nothing new of the address. */
const NOT_ATTEMPTED = [
  'OnAccountSuppressionList',
  'OnTenantSuppressionList',
  'EmailValidationSuppressed',
  'UnsubscribedRecipient',
];

/** What the recipient's server did, where it says so; else the bounce is a bounce. */
const ACTIONS: ReadonlyMap<unknown, EmailEventType | null> = new Map([
  ['delayed', 'deferred'],
  ['delivered', null],
  ['relayed', null],
  ['expanded', null],
]);

function readBounces(part: Fields): Said[] {
  const { bounceType: type, bounceSubType: subType } = part;
  const isSuppressed = NOT_ATTEMPTED.includes(textOf(subType) ?? '');
  return recipientsIn(part['bouncedRecipients']).map(({ recipient, fields }) => {
    const { action } = fields;
    const diagnostic = textOf(fields['diagnosticCode']);
    const detail = wordsOf([type, subType, diagnostic]);
    if (isSuppressed) return { type: 'suppressed', recipient, detail };
    const known = ACTIONS.has(action) ? (ACTIONS.get(action) ?? null) : 'bounced';
    if (known !== 'bounced') return { type: known, recipient, detail };
    const bounce = {
      label: BOUNCE_LABELS.get(type) ?? null,
      enhancedStatus:
        readEnhancedStatus(textOf(fields['status'])) ?? readEnhancedStatus(diagnostic),
      replyCode: readReplyCode(diagnostic),
      diagnostic: diagnostic === null ? null : toDetail(diagnostic),
    };
    return { type: 'bounced', recipient, detail, bounce };
  });
}

function recipientsIn(list: unknown): { recipient: string; fields: Fields }[] {
  return listOf(list)
    .map(recordOf)
    .flatMap((fields) => {
      const recipient = addressOf(fields['emailAddress']);
      return recipient === null ? [] : [{ recipient, fields }];
    });
}

/** Feedback that is no complaint of the recipient's. */
const NO_COMPLAINT = ['not-spam', 'auth-failure'];

function readComplaints(part: Fields): Said[] {
  const { complaintSubType: subType, complaintFeedbackType: feedback } = part;
  const detail = wordsOf([subType, feedback, part['userAgent']]);
  const type = NO_COMPLAINT.includes(textOf(feedback) ?? '')
    ? null
    : NOT_ATTEMPTED.includes(textOf(subType) ?? '')
      ? 'suppressed'
      : 'complained';
  return recipientsIn(part['complainedRecipients']).map(({ recipient }) => ({
    type,
    recipient,
    detail,
  }));
}

function readDelays(part: Fields): Said[] {
  return recipientsIn(part['delayedRecipients']).map(({ recipient, fields }) => ({
    type: 'deferred',
    recipient,
    detail: wordsOf([part['delayType'], fields['diagnosticCode'] ?? fields['status']]),
  }));
}

function readSubscription(part: Fields, mail: Fields): Said[] {
  const preferences = recordOf(part['newTopicPreferences']);
  const topics = listOf(preferences['topicSubscriptionStatus']).filter(isRecord);
  const hasLeft =
    preferences['unsubscribeAll'] === true ||
    topics.some(({ subscriptionStatus: status }) => status === 'OptOut');
  return hasLeft ? toAll('unsubscribed', mail['destination'], wordsOf([part['source']])) : [];
}
