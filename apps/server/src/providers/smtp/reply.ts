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

const QUOTA =
  /(daily|hourly|monthly) ([a-z]+ )*(limit|quota)|(sending|sent messages?|message|relay) (limit|quota)\b.*exceed|exceed\w*.* (sending|message|relay) (limit|quota)/i;
const THROTTLED =
  /throttl|too (many|fast)|rate[ -]?limit|rate (is |has been )?exceeded|sending rate|slow down/i;
const BLOCKLISTED =
  /spamhaus|spamcop|barracuda|proofpoint|block ?list|black ?list|dnsbl|\brbl\b|reputation|blocked using|listed (at|in|by|on)\b|\bip\b.*\b(blocked|banned|rejected)/i;
const RELAY =
  /relay(ing)?\b.*(denied|not (permitted|allowed))|(denied|not (permitted|allowed)).*relay|(unable|not permitted|do not|cannot) to? ?relay/i;
const SENDER =
  /sender (address |domain )?(rejected|verif\w+|not|denied|unknown|refused)|from address.*(not|verif)|(email|sending) (address|domain) is not verified|not owned by user|(permission|allowed|authori[sz]ed) to send as|sendasdenied|invalid (sender|from)/i;
const SPAM = /\b(spam|junk|unsolicited|phishing|virus|malware)\b/i;
const SUSPENDED =
  /account (is |has been |was )?(temporarily |permanently )?(suspended|blocked|locked|deactivated)/i;
const GREYLIST = /gr[ea]y-?list/i;

/**
 * The first that fits. Who is to blame depends on the stage: before RCPT it is never the recipient.
 * Words and enhanced codes (RFC 3463) say more than the basic code, so they come first.
 */
const RULES: readonly Rule[] = [
  // More recipients than it takes in one go: the rest get their own.
  {
    stages: ['rcpt'],
    text: /too many recipients/i,
    verdict: failed('recipient', 'recipient_deferred'),
  },
  {
    stages: DELIVERY,
    enhanced: /^[45]\.5\.3$/,
    verdict: failed('recipient', 'recipient_deferred'),
  },

  // The sending account: at any stage.
  { text: QUOTA, verdict: failed('connection', 'quota_exceeded') },
  { enhanced: /^5\.4\.5$/, verdict: failed('connection', 'quota_exceeded') },
  { code: /^4/, text: THROTTLED, verdict: failed('provider', 'rate_limited', THROTTLE_MS) },
  { stages: ['auth', 'mail'], text: SUSPENDED, verdict: failed('connection', 'suspended') },

  // Before a mail begins: the connection or the server.
  { stages: ['auth'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['auth'], code: /^5(30|38)/, verdict: failed('connection', 'misconfigured') },
  { stages: ['auth'], verdict: failed('connection', 'auth_failed') },
  { stages: ['starttls'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['starttls'], verdict: failed('connection', 'tls_failed') },
  { stages: ['connect'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['connect'], verdict: failed('connection', 'policy_blocked') },
  { code: /^421/, verdict: failed('provider', 'server_error') },
  // Our side of the dialogue is out of step; a fresh connection is not.
  { code: /^503/, verdict: failed('provider', 'server_error') },

  // Policy, at any stage of a mail: another provider may be trusted where this one is not.
  { code: /^5/, text: BLOCKLISTED, verdict: failed('connection', 'policy_blocked') },
  { code: /^5/, text: RELAY, verdict: failed('connection', 'not_permitted') },
  { code: /^5/, text: SENDER, verdict: failed('connection', 'sender_not_verified') },
  { enhanced: /^5\.1\.[78]$/, verdict: failed('connection', 'sender_not_verified') },
  { enhanced: /^5\.7\.(8|9|11|12|13|14)$/, verdict: failed('connection', 'auth_failed') },
  { enhanced: /^5\.7\.(10|30)$/, verdict: failed('connection', 'misconfigured') },
  { enhanced: /^5\.7\.2[0-8]$/, verdict: failed('connection', 'policy_blocked') },
  { code: /^530/, text: /starttls|\btls\b|ssl/i, verdict: failed('connection', 'misconfigured') },
  { code: /^530/, verdict: failed('connection', 'auth_failed') },
  { enhanced: /^5\.(2\.3|3\.4)$/, verdict: failed('message', 'too_large') },

  // MAIL: the sender.
  { stages: ['mail'], code: /^552/, verdict: failed('message', 'too_large') },
  { stages: ['mail'], code: /^4/, verdict: failed('provider', 'server_error') },
  { stages: ['mail'], verdict: failed('connection', 'sender_not_verified') },

  // RCPT and DATA, for good.
  { enhanced: /^5\.2\.2$/, verdict: rejected('recipient', 'recipient_deferred') },
  { enhanced: /^5\.[124]\./, verdict: rejected('recipient', 'invalid_recipient') },
  { enhanced: /^5\.3\./, verdict: failed('provider', 'server_error') },
  {
    stages: ['rcpt'],
    enhanced: /^5\.5\./,
    verdict: rejected('recipient', 'invalid_recipient'),
  },
  { enhanced: /^5\.[56]\./, verdict: rejected('message', 'invalid_message') },
  { enhanced: /^5\.7\./, verdict: failed('connection', 'policy_blocked') },
  { code: /^5/, text: SPAM, verdict: failed('connection', 'policy_blocked') },

  // RCPT and DATA, for now.
  {
    stages: DELIVERY,
    code: /^4/,
    text: GREYLIST,
    verdict: failed('recipient', 'recipient_deferred', GREYLIST_MS),
  },
  {
    stages: ['rcpt'],
    enhanced: /^4\.7\.1$/,
    verdict: failed('recipient', 'recipient_deferred', GREYLIST_MS),
  },
  { enhanced: /^4\.3\./, verdict: failed('provider', 'server_error') },
  { enhanced: /^4\.[12]\./, verdict: failed('recipient', 'recipient_deferred') },
  { stages: ['rcpt'], code: /^4/, verdict: failed('recipient', 'recipient_deferred') },
  { code: /^4/, verdict: failed('provider', 'server_error') },

  // No enhanced code: the basic one is all there is.
  { code: /^554/, verdict: failed('connection', 'policy_blocked') },
  {
    code: /^552/,
    text: /mailbox|storage|quota/i,
    verdict: rejected('recipient', 'recipient_deferred'),
  },
  { code: /^552/, verdict: failed('message', 'too_large') },
  { stages: ['rcpt'], verdict: rejected('recipient', 'invalid_recipient') },
];

/** What a server's refusal means; a total function of where it came and what it says. */
export function judgeReply(reply: Reply): Verdict {
  const code = String(reply.code);
  const enhanced = enhancedCodeOf(reply);
  // `<spam@example.com>: no such user` speaks of a person, not of spam.
  const text = reply.text.replace(/\S+@\S+/g, '');
  const rule = RULES.find(
    (candidate) =>
      (candidate.stages?.includes(reply.stage) ?? true) &&
      (candidate.code?.test(code) ?? true) &&
      (candidate.enhanced?.test(enhanced) ?? true) &&
      (candidate.text?.test(text) ?? true),
  );
  return rule?.verdict ?? rejected('message', 'invalid_message');
}

/** Where the two codes disagree on "for good", the basic one, which machines act on, is right. */
function enhancedCodeOf({ code, text }: Reply): string {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? '';
  return enhanced.startsWith(String(code).charAt(0)) ? enhanced : '';
}
