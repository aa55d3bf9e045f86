import { isId } from '../../lib/ids.ts';
import { toDetail } from '../detail.ts';
import type { EmailEventType } from '../event.ts';
import { readDate, readReplyCode, readSpecificStatus } from '../evidence.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';
import { headOf, readHeaders, readMessage, type Headers, type Part } from './mime-parts.ts';

/** What mail servers did with a recipient (RFC 3464, 2.3.3), in our words. */
const ACTIONS: ReadonlyMap<string, EmailEventType> = new Map([
  ['failed', 'bounced'],
  ['delayed', 'deferred'],
  ['delivered', 'delivered'],
  // Handed on to a server that reports no delivery: taken over, and no more is known.
  ['relayed', 'sent'],
  // Delivered to the address, which passed it on to the members of a list.
  ['expanded', 'delivered'],
]);

/** What a recipient told a mailbox provider (RFC 5965), in our words. */
const FEEDBACK_TYPES: ReadonlyMap<string, EmailEventType> = new Map([
  ['abuse', 'complained'],
  ['fraud', 'complained'],
  ['opt-out', 'unsubscribed'],
]);

const MAX_RECIPIENTS = 1000;

/** Which mail a report is about, and when it was written. */
type Report = Pick<ReportedEvent, 'providerMessageId' | 'emailId'> & { readonly date: string };

/**
 * The events of a message that is a bounce (RFC 3464) or a complaint (RFC 5965); none where it is
 * something else, such as an answer from somebody's holiday.
 */
export function readReport(raw: Buffer): ReportedEvent[] {
  const { headers, parts } = readMessage(raw);
  const status = find(parts, 'message/delivery-status', 'message/global-delivery-status');
  const feedback = find(parts, 'message/feedback-report');
  const [first = {}, ...groups] = status === null ? [] : readGroups(status);
  const report = identify(headers, { parts, envelopeId: valueOf(first, 'original-envelope-id') });
  const arrival = valueOf(first, 'arrival-date');
  // Some servers leave out the fields of the whole message, and the empty line after them.
  const all = [first, ...groups].filter(namesRecipient).slice(0, MAX_RECIPIENTS);
  const bounces = all.map((fields) => readRecipient(fields, { report, arrival }));
  return feedback === null ? bounces : [...bounces, readFeedback(readHeaders(feedback), report)];
}

function find(parts: readonly Part[], ...types: string[]): string | null {
  return parts.find(({ type }) => types.includes(type))?.text ?? null;
}

function valueOf(fields: Headers, name: string): string | null {
  const value = fields[name]?.[0]?.trim() ?? '';
  return value === '' ? null : value;
}

/** Blocks of fields with empty lines between them: of the message, then of each recipient. */
function readGroups(status: string): Headers[] {
  return status
    .trimStart()
    .split(/\n(?:[ \t]*\n)+/)
    .slice(0, MAX_RECIPIENTS + 1)
    .map(readHeaders);
}

function namesRecipient(fields: Headers): boolean {
  return ['final-recipient', 'original-recipient'].some((name) => valueOf(fields, name) !== null);
}

/**
 * Most servers give the mail back, or its headers. Those that don't name it by its Message-ID, which
 * is our id at a domain, as what they answer.
 */
function identify(
  headers: Headers,
  { parts, envelopeId }: { parts: readonly Part[]; envelopeId: string | null },
): Report {
  const returned = find(
    parts,
    'message/rfc822',
    'text/rfc822-headers',
    'message/rfc822-headers',
    'message/global',
    'message/global-headers',
  );
  const original = returned === null ? {} : readHeaders(headOf(returned));
  const messageIds = [valueOf(original, 'message-id'), valueOf(headers, 'in-reply-to')].map(
    (value) => /<[^<>\s]+>/.exec(value ?? '')?.[0] ?? null,
  );
  const ids = [
    valueOf(original, 'x-courierx-email-id'),
    envelopeId,
    ...messageIds.map((id) => /^<([^@]+)@/.exec(id ?? '')?.[1] ?? null),
  ];
  return {
    providerMessageId: messageIds.find((id) => id !== null)?.slice(0, 255) ?? null,
    emailId: ids.find((id) => id !== null && isId(id)) ?? null,
    date: valueOf(headers, 'date') ?? '',
  };
}

function readRecipient(
  fields: Headers,
  { report, arrival }: { report: Report; arrival: string | null },
): ReportedEvent {
  const word = valueOf(fields, 'action') ?? '';
  const recipient = recipientOf(fields);
  const known = ACTIONS.get(word.toLowerCase()) ?? null;
  const type = recipient === null ? null : known;
  const words = valueOf(fields, 'diagnostic-code') ?? valueOf(fields, 'status');
  return {
    type,
    word: toDetail(word).slice(0, 100),
    providerEventId: null,
    providerMessageId: report.providerMessageId,
    emailId: report.emailId,
    recipient,
    occurredAt:
      readDate(valueOf(fields, 'last-attempt-date')) ?? readDate(report.date) ?? readDate(arrival),
    detail: words === null ? null : toDetail(words),
    bounce: type === 'bounced' ? readBounce(fields) : null,
    url: null,
  };
}

function readBounce(fields: Headers): BounceEvidence {
  const status = valueOf(fields, 'status');
  const diagnostic = valueOf(fields, 'diagnostic-code');
  // A failure of class 4 is a server that gave up trying.
  const label = /^5\./.test(status ?? '') ? 'hard' : /^4\./.test(status ?? '') ? 'soft' : null;
  return {
    label,
    enhancedStatus: readSpecificStatus(status, diagnostic),
    replyCode: readReplyCode(diagnostic),
    diagnostic: diagnostic === null ? null : toDetail(diagnostic),
  };
}

/** The address that we sent to goes before the one that an alias made of it. */
function recipientOf(fields: Headers): string | null {
  const final = addressOf(valueOf(fields, 'final-recipient'));
  const original = addressOf(valueOf(fields, 'original-recipient'));
  if (original === null || original === final) return final;
  // Some leave it in the xtext of the SMTP command. In an address that encodes these two alone;
  // more would make another address of `ada+42@…`.
  return original.replaceAll('+2B', '+').replaceAll('+3D', '=');
}

/** `rfc822; ada@x.example`, or `utf-8; ` with `\x{…}` for letters (RFC 6533). */
function addressOf(value: string | null): string | null {
  const [, type = 'rfc822', rest = ''] = /^(?:([a-z0-9-]+)\s*;)?(.*)$/is.exec(value ?? '') ?? [];
  const bare = rest.trim().replace(/^<(.*)>$/s, '$1');
  const kind = type.toLowerCase();
  const address = kind === 'utf-8' ? decodeLetters(bare) : bare;
  const isReadable =
    (kind === 'rfc822' || kind === 'utf-8') && /^[^\s<>]+@[^\s<>@]+$/.test(address);
  return isReadable && address.length <= 320 ? address : null;
}

function decodeLetters(text: string): string {
  return text.replace(/\\x\{([0-9a-f]{2,6})\}/gi, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** A complaint of nobody in particular has no type: nobody is suppressed for what another did. */
function readFeedback(fields: Headers, report: Report): ReportedEvent {
  const word = valueOf(fields, 'feedback-type') ?? '';
  const named = fields['original-rcpt-to'] ?? fields['removal-recipient'] ?? [];
  const recipient = named.length === 1 ? addressOf(named[0]?.trim() ?? null) : null;
  const known = FEEDBACK_TYPES.get(word.toLowerCase()) ?? null;
  const words = [word, valueOf(fields, 'user-agent')].filter(
    (part) => part !== null && part !== '',
  );
  return {
    type: recipient === null ? null : known,
    word: toDetail(word).slice(0, 100),
    providerEventId: null,
    providerMessageId: report.providerMessageId,
    emailId: report.emailId,
    recipient,
    occurredAt: readDate(report.date) ?? readDate(valueOf(fields, 'arrival-date')),
    detail: words.length === 0 ? null : toDetail(words.join(': ')),
    bounce: null,
    url: null,
  };
}
