import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FAULT_REASONS } from '../outcome.ts';
import { judgeReply, type Stage } from './reply.ts';

const judge = (stage: Stage, text: string) =>
  judgeReply({ stage, code: Number(text.slice(0, 3)), text });
const shortOf = ({ kind, scope, reason }: ReturnType<typeof judgeReply>) =>
  `${kind} ${scope} ${reason}`;

describe.each<[Stage, [reply: string, expected: string][]]>([
  [
    'connect',
    [
      ['554 5.7.1 Service unavailable; client host blocked', 'failed connection policy_blocked'],
      ['554 no SMTP service here', 'failed connection policy_blocked'],
      ['521 does not accept mail', 'failed connection policy_blocked'],
      ['421 4.3.2 shutting down', 'failed provider server_error'],
      ['421 4.7.0 too many connections from your IP', 'failed provider rate_limited'],
    ],
  ],
  [
    'starttls',
    [
      ['454 4.7.0 TLS not available', 'failed provider server_error'],
      ['502 5.5.1 not implemented', 'failed connection tls_failed'],
    ],
  ],
  [
    'auth',
    [
      ['535 5.7.8 Username and Password not accepted', 'failed connection auth_failed'],
      ['534 5.7.9 Application-specific password required', 'failed connection auth_failed'],
      ['535 5.7.139 SmtpClientAuthentication is disabled', 'failed connection auth_failed'],
      ['535 Your account has been suspended', 'failed connection suspended'],
      ['530 5.7.0 Must issue a STARTTLS command first', 'failed connection misconfigured'],
      ['538 5.7.11 Encryption required', 'failed connection misconfigured'],
      ['454 4.7.0 Temporary authentication failure', 'failed provider server_error'],
      ['454 Throttling failure: Maximum sending rate exceeded.', 'failed provider rate_limited'],
      ['421 4.4.2 closing', 'failed provider server_error'],
      ['432 4.7.12 A password transition is needed', 'failed provider server_error'],
    ],
  ],
  [
    'mail',
    [
      ['550 5.7.60 no permission to send as this sender', 'failed connection sender_not_verified'],
      ['553 5.1.8 sender domain not found', 'failed connection sender_not_verified'],
      ['554 no', 'failed connection sender_not_verified'],
      ['530 5.7.0 Authentication required', 'failed connection auth_failed'],
      ['530 5.7.0 Must issue STARTTLS first', 'failed connection misconfigured'],
      ['550 5.7.1 relaying denied', 'failed connection not_permitted'],
      ['552 5.3.4 message size exceeds fixed limit', 'failed message too_large'],
      ['552 too big', 'failed message too_large'],
      ['452 4.3.1 insufficient storage', 'failed provider server_error'],
      ['454 Throttling failure: Daily message quota exceeded.', 'failed connection quota_exceeded'],
      ['550 5.4.5 Daily user sending limit exceeded.', 'failed connection quota_exceeded'],
      ['421 4.7.0 try again later', 'failed provider server_error'],
      ['503 5.5.1 nested MAIL command', 'failed provider server_error'],
      ['501 5.1.7 bad sender address syntax', 'failed connection sender_not_verified'],
    ],
  ],
  [
    'rcpt',
    [
      ['550 5.1.1 no such user', 'rejected recipient invalid_recipient'],
      ['550-5.1.1 The account 550 5.1.1 does not exist', 'rejected recipient invalid_recipient'],
      ['550 no such user', 'rejected recipient invalid_recipient'],
      ['550 5.1.1 <spam-trap@rbl.example> unknown', 'rejected recipient invalid_recipient'],
      ['550 5.1.10 null MX', 'rejected recipient invalid_recipient'],
      ['550 5.2.1 mailbox disabled', 'rejected recipient invalid_recipient'],
      [
        '550 5.4.1 Recipient address rejected: Access denied',
        'rejected recipient invalid_recipient',
      ],
      ['551 user not local', 'rejected recipient invalid_recipient'],
      ['553 mailbox name not allowed', 'rejected recipient invalid_recipient'],
      ['501 5.5.4 bad address', 'rejected recipient invalid_recipient'],
      ['552 5.2.2 mailbox full', 'rejected recipient recipient_deferred'],
      ['552 mailbox over quota', 'rejected recipient recipient_deferred'],
      ['550 5.2.3 message too large for this mailbox', 'failed message too_large'],
      ['554 5.7.1 <a@b.test>: Relay access denied', 'failed connection not_permitted'],
      ['550 unable to relay', 'failed connection not_permitted'],
      ['550 5.1.0 sender rejected', 'failed connection sender_not_verified'],
      ['553 5.7.1 <a@b.test>: Sender address rejected', 'failed connection sender_not_verified'],
      ['550 5.7.1 Service unavailable, listed at spamhaus', 'failed connection policy_blocked'],
      ['550 Your IP 192.0.2.1 has been blocked', 'failed connection policy_blocked'],
      ['550 5.7.1 refused', 'failed connection policy_blocked'],
      ['550 5.7.26 unauthenticated mail', 'failed connection policy_blocked'],
      ['554 rejected', 'failed connection policy_blocked'],
      ['450 4.2.0 Greylisted, try again', 'failed recipient recipient_deferred'],
      ['451 4.7.1 try again in 5 minutes', 'failed recipient recipient_deferred'],
      ['452 4.2.2 mailbox full', 'failed recipient recipient_deferred'],
      ['452 4.5.3 more recipients another time', 'failed recipient recipient_deferred'],
      ['550 5.5.3 recipients', 'failed recipient recipient_deferred'],
      ['450 4.1.1 unverified recipient', 'failed recipient recipient_deferred'],
      ['450 5.1.1 codes that disagree', 'failed recipient recipient_deferred'],
      ['452 4.3.1 disk full', 'failed provider server_error'],
      ['450 4.2.1 rate limit exceeded', 'failed provider rate_limited'],
      ['452 4.5.3 too many recipients', 'failed recipient recipient_deferred'],
      ['452 Too many recipients', 'failed recipient recipient_deferred'],
      ['421 4.3.0 closing', 'failed provider server_error'],
      ['503 5.5.1 need MAIL command', 'failed provider server_error'],
    ],
  ],
  [
    'data',
    [
      ['451 4.3.0 queue file write error', 'failed provider server_error'],
      ['554 5.5.1 no valid recipients', 'rejected message invalid_message'],
      ['503 out of step', 'failed provider server_error'],
    ],
  ],
  [
    'message',
    [
      ['451 4.3.0 local error', 'failed provider server_error'],
      ['451 4.7.1 Greylisting in action', 'failed recipient recipient_deferred'],
      ['452 4.2.2 over quota', 'failed recipient recipient_deferred'],
      ['421 4.7.0 try later', 'failed provider server_error'],
      ['421 Too many messages', 'failed provider rate_limited'],
      ['552 5.3.4 message too big', 'failed message too_large'],
      ['552 message size exceeds limit', 'failed message too_large'],
      ['550 5.1.1 no such user', 'rejected recipient invalid_recipient'],
      ['550 5.6.0 malformed message', 'rejected message invalid_message'],
      ['550 message contains bad header', 'rejected message invalid_message'],
      ['550 5.7.1 looks like spam', 'failed connection policy_blocked'],
      ['550 spam detected', 'failed connection policy_blocked'],
      [
        '554 Message rejected: Email address is not verified.',
        'failed connection sender_not_verified',
      ],
      ['554 5.7.1 transaction failed', 'failed connection policy_blocked'],
      ['550 5.4.5 Daily SMTP relay limit exceeded', 'failed connection quota_exceeded'],
    ],
  ],
])('a refusal at %s', (stage, cases) => {
  it.each(cases)('"%s" means: %s', (text, expected) => {
    expect(shortOf(judge(stage, text))).toBe(expected);
  });
});

it('asks five minutes for greylisting and half a minute for throttling', () => {
  expect(judge('rcpt', '450 4.2.0 greylisted').retryAfterMs).toBe(300_000);
  expect(judge('mail', '421 Throttled').retryAfterMs).toBe(30_000);
});

it('has a verdict for any reply at any stage, and blames no recipient before RCPT', () => {
  const stages = ['connect', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'message'] as const;
  fc.assert(
    fc.property(
      fc.constantFrom(...stages),
      fc.integer({ min: 400, max: 599 }),
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `5.${text.length % 8}.1 ${text}`),
      ),
      (...[stage, code, text]) => {
        const verdict = judgeReply({ stage, code, text: `${code} ${text}` });
        expect(FAULT_REASONS).toContain(verdict.reason);
        if (['connect', 'starttls', 'auth', 'mail'].includes(stage)) {
          expect(verdict.scope).not.toBe('recipient');
          expect(verdict.kind).toBe('failed');
        }
      },
    ),
    { numRuns: 2000 },
  );
});
