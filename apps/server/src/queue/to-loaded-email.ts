import type { AcceptedEmail, NewEmail } from './accept-emails.ts';
import type { LoadedEmail } from './load-emails.ts';

/** An email just stored, as `loadEmails` would read it. */
export function toLoadedEmail(email: NewEmail, accepted: AcceptedEmail): LoadedEmail {
  const { accountId, id, mode, messageId, from, replyTo, recipients, subject, tags } = email;
  const { createdAt, deadline, recipientStatuses, onUnknown, onAuthFailure } = accepted;
  return {
    ...{ accountId, id, mode, messageId, replyTo, recipients, subject, tags },
    ...{ createdAt, deadline, recipientStatuses, onUnknown, onAuthFailure },
    fromEmail: from.address,
    fromName: from.name,
    metadata: inStoredOrder(email.metadata),
    html: email.html,
    text: email.text,
    headers: email.headers,
    traceparent: email.traceparent ?? null,
    waitingSince: createdAt,
    reason: null,
    // Those on the list have their status.
    suppressed: [],
    lastAttempt: null,
    hasAttachments: email.attachments.length > 0,
    files: email.attachments.map(({ content, contentId }) => ({
      bytes: content.length,
      isInline: contentId !== null,
    })),
    now: createdAt,
  };
}

/**
 * With its keys as jsonb keeps them, shorter ones first: a provider that is asked again with the same
 * idempotency key refuses a request that differs in a byte.
 */
function inStoredOrder<T>(value: T): T {
  if (Array.isArray(value)) return value.map(inStoredOrder) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value as Record<string, unknown>).map(
    ([key, item]) => [Buffer.from(key), key, inStoredOrder(item)] as const,
  );
  entries.sort(([a], [b]) => a.length - b.length || a.compare(b));
  return Object.fromEntries(entries.map(([, key, item]) => [key, item])) as T;
}
