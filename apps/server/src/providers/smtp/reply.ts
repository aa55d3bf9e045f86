import type { FaultReason, FaultScope } from '../outcome.ts';

/** Where in the dialogue a server's reply came. */
export type Stage = 'connect' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'message';

export type Reply = {
  readonly stage: Stage;
  /** 400 to 599. */
  readonly code: number;
  /** The whole reply, on one line. */
  readonly text: string;
};

export type Verdict = {
  /** `rejected`: for good, about the message or recipient. `failed`: worth another way or time. */
  readonly kind: 'rejected' | 'failed';
  readonly scope: FaultScope;
  readonly reason: FaultReason;
  readonly retryAfterMs: number | null;
};

type Rule = {
  readonly stages?: readonly Stage[];
  readonly code?: RegExp;
  readonly enhanced?: RegExp;
  readonly text?: RegExp;
  readonly verdict: Verdict;
};

const GREYLIST_MS = 5 * 60_000;
const THROTTLE_MS = 30_000;

const failed = (scope: FaultScope, reason: FaultReason, retryAfterMs: number | null = null) =>
  ({ kind: 'failed', scope, reason, retryAfterMs }) as const;
const rejected = (scope: 'message' | 'recipient', reason: FaultReason) =>
  ({ kind: 'rejected', scope, reason, retryAfterMs: null }) as const;

const DELIVERY: readonly Stage[] = ['rcpt', 'data', 'message'];

/**
 * The first that fits. Enhanced codes (RFC 3463) and words come before the basic code; who is to
 * blame depends on the stage: before RCPT it is never the recipient.
 */
const RULES: readonly Rule[] = [
  {
    text: /daily (user )?sending (limit|quota)|sending (limit|quota) exceeded/i,
    verdict: failed('connection', 'quota_exceeded'),
  },
  { enhanced: /^5\.4\.5$/, verdict: failed('connection', 'quota_exceeded') },
  {
    code: /^4/,
    text: /throttl|too many (messages|connections|emails|requests)|rate limit|rate is exceeded|sending rate/i,
    verdict: failed('provider', 'rate_limited', THROTTLE_MS),
  },
  { stages: ['auth'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['auth'], code: /^5(30|38)/, verdict: failed('connection', 'misconfigured') },
  { stages: ['auth'], verdict: failed('connection', 'auth_failed') },
  { stages: ['starttls'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['starttls'], verdict: failed('connection', 'tls_failed') },
  { stages: ['connect'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['connect'], verdict: failed('connection', 'policy_blocked') },
  { code: /^421/, verdict: failed('provider', 'server_error') },
  {
    code: /^5/,
    text: /spamhaus|spamcop|barracuda|block ?list|blacklist|dnsbl|\brbl\b|reputation|blocked using|listed (at|in|by|on)/i,
    verdict: failed('connection', 'policy_blocked'),
  },
  { enhanced: /^5\.7\.2[0-8]$/, verdict: failed('connection', 'policy_blocked') },
  { enhanced: /^5\.7\.(8|9|11|12|13|14)$/, verdict: failed('connection', 'auth_failed') },
  { enhanced: /^5\.7\.(10|30)$/, verdict: failed('connection', 'misconfigured') },
  {
    code: /^530/,
    text: /authenticat|login|log in/i,
    verdict: failed('connection', 'auth_failed'),
  },
  { code: /^530/, verdict: failed('connection', 'misconfigured') },
  { code: /^552/, enhanced: /^5\.(2\.3|3\.4)$/, verdict: failed('message', 'too_large') },
  { enhanced: /^5\.(2\.3|3\.4)$/, verdict: failed('message', 'too_large') },
  { stages: ['mail'], code: /^552/, verdict: failed('message', 'too_large') },
  { stages: ['mail'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['mail'], verdict: failed('connection', 'sender_not_verified') },
  {
    code: /^5/,
    text: /relay(ing)?\b.*(denied|not (permitted|allowed))|(denied|not (permitted|allowed)).*relay|unable to relay/i,
    verdict: failed('connection', 'not_permitted'),
  },
  { enhanced: /^5\.1\.[78]$/, verdict: failed('connection', 'sender_not_verified') },
  { stages: DELIVERY, enhanced: /^5\.1\./, verdict: rejected('recipient', 'invalid_recipient') },
  { stages: DELIVERY, enhanced: /^5\.2\.2$/, verdict: rejected('recipient', 'recipient_deferred') },
  { stages: DELIVERY, enhanced: /^5\.2\./, verdict: rejected('recipient', 'invalid_recipient') },
  { stages: DELIVERY, enhanced: /^5\.3\./, verdict: failed('provider', 'server_error') },
  { stages: DELIVERY, enhanced: /^5\.4\./, verdict: rejected('recipient', 'invalid_recipient') },
  { stages: DELIVERY, enhanced: /^5\.5\.3$/, verdict: failed('recipient', 'recipient_deferred') },
  { stages: DELIVERY, enhanced: /^5\.[56]\./, verdict: rejected('message', 'invalid_message') },
  { stages: DELIVERY, enhanced: /^5\.7\./, verdict: failed('connection', 'policy_blocked') },
  {
    stages: ['rcpt'],
    code: /^4/,
    text: /gr[ea]y-?list/i,
    verdict: failed('recipient', 'recipient_deferred', GREYLIST_MS),
  },
  { stages: ['rcpt'], code: /^4/, verdict: failed('recipient', 'recipient_deferred') },
  { code: /^4/, verdict: failed('provider', 'server_error') },
  { code: /^554/, verdict: failed('connection', 'policy_blocked') },
  { code: /^552/, verdict: failed('message', 'too_large') },
  // Our side of the dialogue is out of step; a fresh connection is not.
  { code: /^503/, verdict: failed('provider', 'server_error') },
  { stages: ['rcpt'], verdict: rejected('recipient', 'invalid_recipient') },
];

/** What a server's refusal means; a total function of where it came and what it says. */
export function judgeReply(reply: Reply): Verdict {
  const code = String(reply.code);
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(reply.text)?.[1] ?? '';
  const rule = RULES.find(
    (candidate) =>
      (candidate.stages?.includes(reply.stage) ?? true) &&
      (candidate.code?.test(code) ?? true) &&
      (candidate.enhanced?.test(enhanced) ?? true) &&
      (candidate.text?.test(reply.text) ?? true),
  );
  return rule?.verdict ?? rejected('message', 'invalid_message');
}
