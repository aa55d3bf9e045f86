import type { OutgoingMessage } from '../message.ts';
import type { EmailEventType } from '../event.ts';
import type { Outcome, RecipientFault } from '../outcome.ts';
import type { Provider, ProviderDeps } from '../provider.ts';
import type { BounceEvidence, ReportedEvent } from '../webhooks.ts';

type Step = {
  readonly type: EmailEventType;
  readonly detail: string | null;
  readonly bounce?: BounceEvidence;
};

const NO_SUCH_USER: BounceEvidence = {
  label: 'hard',
  enhancedStatus: '5.1.1',
  replyCode: 550,
  diagnostic: '550 5.1.1 no such user (sandbox)',
};
const MAILBOX_FULL: BounceEvidence = {
  label: 'soft',
  enhancedStatus: '4.2.2',
  replyCode: 452,
  diagnostic: '452 4.2.2 mailbox full (sandbox)',
};

const DELIVERED: Step = { type: 'delivered', detail: '250 2.0.0 taken by the sandbox' };

/** What becomes of a mail, by the recipient's local part at any domain that ends in `.test`. */
const SCRIPTS: Readonly<Record<string, readonly Step[]>> = {
  delivered: [DELIVERED],
  bounced: [{ type: 'bounced', detail: NO_SUCH_USER.diagnostic, bounce: NO_SUCH_USER }],
  softbounced: [{ type: 'bounced', detail: MAILBOX_FULL.diagnostic, bounce: MAILBOX_FULL }],
  complained: [DELIVERED, { type: 'complained', detail: 'marked as spam (sandbox)' }],
  opened: [DELIVERED, { type: 'opened', detail: null }],
  clicked: [DELIVERED, { type: 'opened', detail: null }, { type: 'clicked', detail: null }],
  deferred: [{ type: 'deferred', detail: '450 4.2.0 try again later (sandbox)' }],
};

/** Provider faults, scripted for the first attempt of a mail only: the next one gets through. */
const FAULTS: Readonly<Record<string, Outcome>> = {
  timeout: {
    kind: 'unknown',
    reason: 'response_timeout',
    detail: 'no answer in time (sandbox)',
    statusCode: null,
  },
  ratelimited: {
    kind: 'failed',
    scope: 'provider',
    reason: 'rate_limited',
    detail: 'too many requests (sandbox)',
    statusCode: 429,
    retryAfterMs: 2_000,
  },
  down: {
    kind: 'failed',
    scope: 'provider',
    reason: 'server_error',
    detail: 'service unavailable (sandbox)',
    statusCode: 503,
    retryAfterMs: null,
  },
};

/** A provider inside CourierX: keeps the mail in a local inbox and plays what the address says. */
export function createSandbox({ keepInSandbox }: ProviderDeps): Provider {
  return {
    name: 'sandbox',
    capabilities: {
      maxMessageBytes: 60 * 1024 * 1024,
      maxRecipients: 50,
      maxTags: null,
      maxMetadataBytes: null,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      keepsMessageId: true,
      reservedHeaders: [],
    },
    credentials: { required: [], optional: [] },
    checkSettings: () => [],
    async send(connection, message) {
      const fault = findFault(message);
      if (fault) return fault;
      const faults = message.recipients.filter((address) => scriptOf(address) === 'invalid');
      if (faults.length === message.recipients.length) {
        return {
          kind: 'rejected',
          scope: 'recipient',
          reason: INVALID.reason,
          detail: INVALID.detail,
          statusCode: 550,
        };
      }
      await keepInSandbox(connection, message);
      return accept(message, faults);
    },
    verify: () =>
      Promise.resolve({ status: 'verified', message: 'The sandbox needs no credentials' }),
    close: () => Promise.resolve(),
  };
}

const INVALID = {
  kind: 'rejected',
  reason: 'invalid_recipient',
  detail: '550 5.1.3 not a valid address (sandbox)',
} as const satisfies Partial<RecipientFault>;

/** `down+anything@x.test` is `down`; at domains that do not end in `.test` nothing is scripted. */
function scriptOf(address: string): string {
  const [local = '', domain = ''] = address.toLowerCase().split('@');
  return domain === 'test' || domain.endsWith('.test') ? (local.split('+')[0] ?? '') : '';
}

function findFault(message: OutgoingMessage): Outcome | null {
  if (message.attemptNumber > 1) return null;
  const name = message.recipients.map(scriptOf).find((script) => Object.hasOwn(FAULTS, script));
  return name === undefined ? null : (FAULTS[name] ?? null);
}

function accept(message: OutgoingMessage, refused: readonly string[]): Outcome {
  const events = message.recipients
    .filter((address) => !refused.includes(address))
    .flatMap((recipient) => {
      const script = scriptOf(recipient);
      const steps = Object.hasOwn(SCRIPTS, script) ? SCRIPTS[script] : undefined;
      return (steps ?? [DELIVERED]).map((step) => toReport(message, recipient, step));
    });
  return {
    kind: 'accepted',
    detail: 'taken by the sandbox',
    statusCode: 250,
    providerMessageId: `sandbox-${message.emailId}`,
    recipientFaults: refused.map((address) => ({ ...INVALID, address })),
    events,
  };
}

function toReport(
  { emailId, attemptNumber }: OutgoingMessage,
  recipient: string,
  { type, detail, bounce }: Step,
): ReportedEvent {
  return {
    ...{ type, detail, emailId, recipient },
    bounce: bounce ?? null,
    word: type,
    providerEventId: `${emailId}:${attemptNumber}:${recipient}:${type}`,
    providerMessageId: `sandbox-${emailId}`,
    occurredAt: null,
    url: type === 'clicked' ? 'https://example.com/' : null,
  };
}
