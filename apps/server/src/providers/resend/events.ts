import { toDetail } from '../detail.ts';
import type { EmailEventType } from '../event.ts';
import { isRecord, parseJson } from '../json.ts';
import { EMAIL_ID_TAG } from '../name-value-tags.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';
import { isId } from '../../lib/ids.ts';
import { readDate, readEnhancedStatus, readReplyCode } from '../evidence.ts';

/** Resend's words in ours; a Map, so that no word can reach what every object has. */
const TYPES: ReadonlyMap<string, EmailEventType> = new Map([
  ['email.sent', 'sent'],
  ['email.delivered', 'delivered'],
  ['email.delivery_delayed', 'deferred'],
  ['email.bounced', 'bounced'],
  ['email.complained', 'complained'],
  ['email.opened', 'opened'],
  ['email.clicked', 'clicked'],
  ['email.failed', 'failed'],
  ['email.suppressed', 'suppressed'],
]);

const BOUNCE_LABELS: ReadonlyMap<unknown, 'hard' | 'soft'> = new Map([
  ['Permanent', 'hard'],
  ['Transient', 'soft'],
  ['Temporary', 'soft'],
  ['Undetermined', 'soft'],
]);

/** The signed events for every `email.*` word of the table, for the webhook on the account. */
export const SUBSCRIBED_EVENTS: readonly string[] = [...TYPES.keys()];

/**
 * One request is one event. `to` holds the recipients it is about; older payloads repeat all
 * recipients of the mail there. So where several are named, a bounce goes without a label unless
 * each has its own diagnostic, and a complaint is kept without a type: nobody is suppressed for what
 * another did.
 */
export function readEvents(body: Buffer): ReportedEvent[] {
  const parsed = parseJson(body.toString('utf8'));
  if (!isRecord(parsed)) return [];
  const word = textOf(parsed['type']) ?? '';
  const data = isRecord(parsed['data']) ? parsed['data'] : {};
  const recipients = readRecipients(data['to']);
  const known = TYPES.get(word) ?? null;
  const type = known === 'complained' && recipients.length > 1 ? null : known;
  const named = recipients.length === 0 ? [null] : recipients;
  return named.map((recipient, index) => ({
    type,
    word: toDetail(word).slice(0, 100),
    providerEventId: null,
    providerMessageId: textOf(data['email_id'])?.slice(0, 255) ?? null,
    emailId: readEmailId(data['tags']),
    recipient,
    occurredAt: readDate(clickOf(data)['timestamp']) ?? readDate(parsed['created_at']),
    detail: readDetail(data),
    bounce: type === 'bounced' ? readBounce(data, { index, count: named.length }) : null,
    url: textOf(clickOf(data)['link'])?.slice(0, 2048) ?? null,
  }));
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function clickOf(data: Record<string, unknown>): Record<string, unknown> {
  return isRecord(data['click']) ? data['click'] : {};
}

/** `a@x.example` or `Name <a@x.example>`. */
function readRecipients(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((entry) => {
    const text = textOf(entry) ?? '';
    const address = (/<([^<>]*)>\s*$/.exec(text)?.[1] ?? text).trim();
    return address.includes('@') && address.length <= 320 ? [address] : [];
  });
}

/** In events the tags are an object, though a request has them as a list. */
function readEmailId(tags: unknown): string | null {
  const id = isRecord(tags) ? tags[EMAIL_ID_TAG] : null;
  return typeof id === 'string' && isId(id) ? id : null;
}

function readDetail(data: Record<string, unknown>): string | null {
  const parts = ['bounce', 'suppressed', 'failed'].map((key) => data[key]).filter(isRecord);
  const words = parts.flatMap((part) => [
    ...[part['type'], part['subType'], part['reason']].map(textOf),
    ...diagnosticsOf(part),
    textOf(part['message']),
  ]);
  const text = words.filter((word) => word !== null && word !== '').join(': ');
  return text === '' ? null : toDetail(text);
}

function diagnosticsOf(part: Record<string, unknown>): string[] {
  const { diagnosticCode: codes } = part;
  return Array.isArray(codes) ? codes.filter((code) => typeof code === 'string') : [];
}

function readBounce(
  data: Record<string, unknown>,
  { index, count }: { index: number; count: number },
): BounceEvidence {
  const bounce = isRecord(data['bounce']) ? data['bounce'] : {};
  const diagnostics = diagnosticsOf(bounce);
  const isTold = count === 1 || diagnostics.length === count;
  const diagnostic = isTold ? (diagnostics[index] ?? null) : null;
  const words = diagnostic ?? (isTold ? textOf(bounce['message']) : null);
  return {
    label: isTold ? (BOUNCE_LABELS.get(bounce['type']) ?? 'soft') : null,
    enhancedStatus: readEnhancedStatus(diagnostic),
    replyCode: readReplyCode(diagnostic),
    diagnostic: words === null ? null : toDetail(words),
  };
}
