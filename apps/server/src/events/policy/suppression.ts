import type { EmailEventType } from '../../providers/event.ts';
import type { BounceEvidence } from '../../providers/webhooks.ts';

/** What an event says of its recipient's address. */
export type Evidence =
  /** No mail should go there any more. */
  | { readonly kind: 'suppress'; readonly reason: 'bounce' | 'complaint' | 'unsubscribe' }
  /** It came back for now; several mails in a row that do are a reason, for a while. */
  | { readonly kind: 'soft_bounce' }
  /** It takes mail. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'none' };

/** Mails in a row that come back softly before their address is left alone. */
export const SOFT_BOUNCES = 3;
/** A row of soft bounces that is older begins anew. */
export const SOFT_BOUNCE_WINDOW_DAYS = 30;
/** How long an address is left alone for soft bounces. */
export const SOFT_BOUNCE_REST_DAYS = 14;

const NONE: Evidence = { kind: 'none' };

/** RFC 3463: the mailbox or its domain does not exist, or never takes mail. */
const DEAD = /^5\.(1\.[0-36]|1\.10|2\.1)$/;
/** Full, too large, policy, reputation, content, routing: says nothing of the address. */
const NOT_ABOUT_ADDRESS = /^[45]\.(2\.[234]|3\.\d+|4\.\d+|5\.\d+|6\.\d+|7\.\d+)$/;

const DEAD_WORDS =
  /user unknown|unknown user|no such (user|recipient|mailbox|address)|(mailbox|address|recipient|account|user)\b.{0,40}\b(does ?n[o']t exist|not found|unknown|invalid|disabled|unavailable|rejected)|invalid recipient/i;
const OTHER_WORDS =
  /spam|blocked|blacklist|block ?list|policy|reputation|dmarc|spf|dkim|rate limit|too many|quota|full|over ?limit|greylist|try again|temporar/i;

/** Whether a bounce is of a dead address; evidence goes before the vendor's own label. */
export function bounceTypeOf(bounce: BounceEvidence): 'hard' | 'soft' {
  const { enhancedStatus, diagnostic, replyCode, label } = bounce;
  if (enhancedStatus !== null) {
    if (DEAD.test(enhancedStatus)) return 'hard';
    if (NOT_ABOUT_ADDRESS.test(enhancedStatus) || enhancedStatus.startsWith('4.')) return 'soft';
  }
  const words = diagnostic ?? '';
  if (OTHER_WORDS.test(words)) return 'soft';
  if (DEAD_WORDS.test(words)) return replyCode !== null && replyCode < 500 ? 'soft' : 'hard';
  if (replyCode !== null && replyCode < 500) return 'soft';
  return label ?? 'soft';
}

/** What an event proves of the address it is about. */
export function evidenceOf(type: EmailEventType, bounceType: 'hard' | 'soft' | null): Evidence {
  switch (type) {
    case 'bounced':
      return bounceType === 'hard'
        ? { kind: 'suppress', reason: 'bounce' }
        : { kind: 'soft_bounce' };
    case 'complained':
      return { kind: 'suppress', reason: 'complaint' };
    case 'unsubscribed':
      return { kind: 'suppress', reason: 'unsubscribe' };
    case 'delivered':
    case 'opened':
    case 'clicked':
      return { kind: 'alive' };
    case 'sent':
    case 'deferred':
    case 'failed':
    case 'suppressed':
      return NONE;
  }
}
