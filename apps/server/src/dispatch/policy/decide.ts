import type { EmailStatus, OnAuthFailure, OnUnknown } from '@courierx/contract';
import type { EmailEventType } from '../../providers/event.ts';
import type { Outcome, RecipientFault } from '../../providers/outcome.ts';
import type { ReportedEvent } from '../../providers/webhooks.ts';

/** What is to happen next with the recipients that are still queued. */
export type Then = 'done' | 'next_connection' | 'retry_later' | 'hold';

export type Decision = {
  readonly then: Then;
  /** New status of each recipient of the attempt that has one now, by address. */
  readonly statuses: ReadonlyMap<string, EmailStatus>;
  /** What the timeline is to show, in order. */
  readonly events: readonly DecidedEvent[];
  /** What the provider told with its answer, to be worked on as all it reports. */
  readonly reports: readonly ReportedEvent[];
  /** Why the email failed or waits, in words; null when it is sent. */
  readonly reason: string | null;
};

export type DecidedEvent = {
  readonly type: EmailEventType;
  readonly recipient: string;
  readonly detail: string | null;
  readonly occurredAt: Date | null;
};

export type AccountPolicy = {
  readonly onUnknown: OnUnknown;
  readonly onAuthFailure: OnAuthFailure;
};

/** What one outcome means for the email, whatever connection it came from. */
export function decide(
  outcome: Outcome,
  recipients: readonly string[],
  policy: AccountPolicy,
): Decision {
  switch (outcome.kind) {
    case 'accepted':
      return decideAccepted(outcome, recipients);
    case 'rejected':
      return failAll(recipients, describe(outcome.reason, outcome.detail));
    case 'failed':
      if (outcome.reason === 'auth_failed' && policy.onAuthFailure === 'stop') {
        return failAll(recipients, describe(outcome.reason, outcome.detail));
      }
      return failSome(outcome.recipientFaults ?? [], recipients, {
        reason: describe(outcome.reason, outcome.detail),
      });
    case 'unknown':
      return {
        then: AFTER_UNKNOWN[policy.onUnknown],
        statuses: new Map(),
        events: [],
        reports: [],
        reason: `It may have been sent: ${describe(outcome.reason, outcome.detail)}`,
      };
  }
}

const AFTER_UNKNOWN: Readonly<Record<OnUnknown, Then>> = {
  fail_over: 'next_connection',
  resend: 'retry_later',
  hold: 'hold',
};

function describe(reason: string, detail: string): string {
  const words = reason.replaceAll('_', ' ');
  return detail === '' ? words : `${words}: ${detail}`;
}

function decideAccepted(
  outcome: Extract<Outcome, { kind: 'accepted' }>,
  recipients: readonly string[],
): Decision {
  const refused = new Set(outcome.recipientFaults.map((fault) => fault.address));
  const taken = recipients.filter((recipient) => !refused.has(recipient));
  const partial = failSome(outcome.recipientFaults, [...refused], { reason: null });
  const statuses = new Map(partial.statuses);
  const events: DecidedEvent[] = taken.map((recipient) => {
    statuses.set(recipient, 'sent');
    return { type: 'sent', recipient, detail: outcome.detail, occurredAt: null };
  });
  return {
    then: partial.then,
    statuses,
    events: [...events, ...partial.events],
    reports: outcome.events,
    reason: partial.reason,
  };
}

/** Refused recipients fail, deferred ones stay queued for the next connection. */
function failSome(
  faults: readonly RecipientFault[],
  recipients: readonly string[],
  otherwise: { reason: string | null },
): Decision {
  const rejected = faults.filter((fault) => fault.kind === 'rejected');
  const statuses = new Map<string, EmailStatus>(
    rejected.map((fault) => [fault.address, 'failed'] as const),
  );
  const events = rejected.map(({ address, reason, detail }) => ({
    type: 'failed' as const,
    recipient: address,
    detail: describe(reason, detail),
    occurredAt: null,
  }));
  const isOver = recipients.every((recipient) => statuses.has(recipient));
  const [fault] = faults;
  return {
    then: isOver ? 'done' : 'next_connection',
    statuses,
    events,
    reports: [],
    reason: otherwise.reason ?? (fault ? describe(fault.reason, fault.detail) : null),
  };
}

function failAll(recipients: readonly string[], reason: string): Decision {
  return {
    then: 'done',
    statuses: new Map(recipients.map((recipient) => [recipient, 'failed'] as const)),
    events: recipients.map((recipient) => ({
      type: 'failed',
      recipient,
      detail: reason,
      occurredAt: null,
    })),
    reports: [],
    reason,
  };
}
