import type { EmailStatus } from '@courierx/contract';
import type { EmailEventType } from './event.ts';

/**
 * How far each status is along. An event only ever moves a recipient up, so order does not matter:
 * a late `delivered` can't undo a `bounced`, and a `sent` that comes last changes nothing.
 */
const RANK: Readonly<Record<EmailStatus, number>> = {
  queued: 0,
  sent: 1,
  suppressed: 2,
  failed: 2,
  delivered: 3,
  bounced: 4,
};

/** The status an event says the recipient has at least; null where it says nothing of delivery. */
const STATUS_OF_EVENT: Readonly<Record<EmailEventType, EmailStatus | null>> = {
  sent: 'sent',
  delivered: 'delivered',
  deferred: 'sent',
  bounced: 'bounced',
  complained: 'delivered',
  opened: 'delivered',
  clicked: 'delivered',
  unsubscribed: null,
  failed: 'failed',
  suppressed: 'suppressed',
};

/** Where a recipient stands after an event. */
export function statusAfter(current: EmailStatus, event: EmailEventType): EmailStatus {
  const reported = STATUS_OF_EVENT[event];
  return reported !== null && RANK[reported] > RANK[current] ? reported : current;
}

/** Whether a provider has taken the mail for a recipient that stands so. */
export function hasLeft(status: EmailStatus | undefined): boolean {
  return status === 'sent' || status === 'delivered' || status === 'bounced';
}
