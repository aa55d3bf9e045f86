import { parseMailbox } from '../../lib/address.ts';
import { isId } from '../../lib/ids.ts';
import { toDetail } from '../detail.ts';
import type { EmailEventType } from '../event.ts';
import { readDate, readEnhancedStatus, readReplyCode } from '../evidence.ts';
import { isRecord, parseJson } from '../json.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';
import { EMAIL_ID_KEY } from './payload.ts';

type Fields = Readonly<Record<string, unknown>>;

type Kind = {
  readonly type: EmailEventType | null;
  readonly time: string;
  readonly recipient: 'Recipient' | 'Email';
};

/** By `RecordType`. What bounced and what was subscribed to has more to it, see below. */
const KINDS: ReadonlyMap<unknown, Kind> = new Map<unknown, Kind>([
  ['Delivery', { type: 'delivered', time: 'DeliveredAt', recipient: 'Recipient' }],
  ['Bounce', { type: null, time: 'BouncedAt', recipient: 'Email' }],
  ['SpamComplaint', { type: 'complained', time: 'BouncedAt', recipient: 'Email' }],
  ['Open', { type: 'opened', time: 'ReceivedAt', recipient: 'Recipient' }],
  ['Click', { type: 'clicked', time: 'ReceivedAt', recipient: 'Recipient' }],
  ['SubscriptionChange', { type: null, time: 'ChangedAt', recipient: 'Recipient' }],
]);

type Bounce = { readonly type: EmailEventType; readonly label: BounceEvidence['label'] };

/** By a bounce's `Type`. What only informs (an auto-reply, a changed address) is not here. */
const BOUNCES: ReadonlyMap<unknown, Bounce> = new Map<unknown, Bounce>([
  ['HardBounce', { type: 'bounced', label: 'hard' }],
  ['BadEmailAddress', { type: 'bounced', label: 'hard' }],
  ['SoftBounce', { type: 'bounced', label: 'soft' }],
  ['SpamNotification', { type: 'bounced', label: 'soft' }],
  ['Blocked', { type: 'bounced', label: 'soft' }],
  ['VirusNotification', { type: 'bounced', label: 'soft' }],
  ['DMARCPolicy', { type: 'bounced', label: 'soft' }],
  ['Transient', { type: 'deferred', label: null }],
  ['DnsError', { type: 'deferred', label: null }],
  ['SpamComplaint', { type: 'complained', label: null }],
  ['Unsubscribe', { type: 'unsubscribed', label: null }],
  ['ManuallyDeactivated', { type: 'suppressed', label: null }],
  ['Unconfirmed', { type: 'failed', label: null }],
  ['SMTPApiError', { type: 'failed', label: null }],
  ['TemplateRenderingFailed', { type: 'failed', label: null }],
]);

/** One request is one event; an empty object (a trial of the URL) is none. */
export function readEvents(body: Buffer): ReportedEvent[] {
  const record = parseJson(body.toString('utf8'));
  if (!isRecord(record) || Object.keys(record).length === 0) return [];
  const kind = KINDS.get(record['RecordType']);
  const bounce = record['RecordType'] === 'Bounce' ? readBounceKind(record) : null;
  const type = bounce?.type ?? readChange(record) ?? kind?.type ?? null;
  const { MessageID: messageId, OriginalLink: link } = record;
  return [
    {
      type,
      word: wordOf(record),
      providerEventId: readEventId(record),
      providerMessageId: textOf(messageId)?.slice(0, 255) ?? null,
      emailId: readEmailId(record['Metadata']),
      recipient: readRecipient(record, kind),
      occurredAt: kind ? readDate(record[kind.time]) : null,
      detail: readDetail(record),
      bounce: type === 'bounced' ? readEvidence(record, bounce?.label ?? null) : null,
      url: textOf(link)?.slice(0, 2048) ?? null,
    },
  ];
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A bounce is called by its type. */
function wordOf({ RecordType: record, Type: type, SuppressionReason: reason }: Fields): string {
  const words = record === 'Bounce' ? [type ?? record] : [record, reason];
  return toDetail(words.flatMap((word) => textOf(word) ?? []).join('.')).slice(0, 100);
}

/** `Inactive` says that Postmark sends there no more. */
function readBounceKind({ Type: type, Inactive: isInactive }: Fields): Bounce | null {
  const known = BOUNCES.get(type);
  if (isInactive !== true) return known ?? null;
  const isBounce = known === undefined || known.type === 'bounced';
  return isBounce ? { type: 'bounced', label: 'hard' } : known;
}

/** What bounced or complained is told apart from this, and what is allowed again is no event. */
function readChange(record: Fields): EmailEventType | null {
  const { RecordType: kind, SuppressSending: isStopped, SuppressionReason: reason } = record;
  if (kind !== 'SubscriptionChange' || isStopped !== true || reason !== 'ManualSuppression') {
    return null;
  }
  return record['Origin'] === 'Recipient' ? 'unsubscribed' : 'suppressed';
}

/** Only bounces and complaints have one. */
function readEventId({ RecordType: kind, ID: id }: Fields): string | null {
  const hasId = kind === 'Bounce' || kind === 'SpamComplaint';
  return hasId && typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : null;
}

function readEmailId(metadata: unknown): string | null {
  const id = isRecord(metadata) ? metadata[EMAIL_ID_KEY] : null;
  return typeof id === 'string' && isId(id) ? id : null;
}

function readRecipient(record: Fields, kind: Kind | undefined): string | null {
  const text = textOf(record[kind?.recipient ?? 'Recipient']) ?? textOf(record['Email']);
  return text === null ? null : (parseMailbox(text)?.address ?? null);
}

function readDetail({ Name: name, Details: details, Description: words }: Fields): string | null {
  const text = [textOf(name), textOf(details) ?? textOf(words)].filter((part) => part !== null);
  return text.length === 0 ? null : toDetail(text.join(': '));
}

function readEvidence(record: Fields, label: BounceEvidence['label']): BounceEvidence {
  const details = textOf(record['Details']);
  const diagnostic = details ?? textOf(record['Description']);
  return {
    label,
    enhancedStatus: readEnhancedStatus(details),
    replyCode: readReplyCode(details),
    diagnostic: diagnostic === null ? null : toDetail(diagnostic),
  };
}
