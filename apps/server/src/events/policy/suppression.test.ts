import { describe, expect, it } from 'vitest';
import type { BounceEvidence } from '../../providers/webhooks.ts';
import { bounceTypeOf, evidenceOf } from './suppression.ts';

const bounce = (over: Partial<BounceEvidence>): BounceEvidence => ({
  label: null,
  enhancedStatus: null,
  replyCode: null,
  diagnostic: null,
  ...over,
});

describe('bounceTypeOf', () => {
  it.each([
    ['5.1.1, whatever the label', { enhancedStatus: '5.1.1', label: 'soft' as const }, 'hard'],
    ['a domain that is none', { enhancedStatus: '5.1.2' }, 'hard'],
    ['a null MX', { enhancedStatus: '5.1.10' }, 'hard'],
    [
      'a policy block that the vendor calls hard',
      { enhancedStatus: '5.7.1', label: 'hard' as const },
      'soft',
    ],
    [
      'a full mailbox that the vendor calls hard',
      { enhancedStatus: '5.2.2', label: 'hard' as const },
      'soft',
    ],
    ['4.x.x', { enhancedStatus: '4.1.1', label: 'hard' as const }, 'soft'],
    ['words of an unknown user', { diagnostic: '550 No such user here', replyCode: 550 }, 'hard'],
    ['words of a full mailbox', { diagnostic: '552 mailbox full', label: 'hard' as const }, 'soft'],
    [
      'words of a block list',
      { diagnostic: '550 blocked using a block list', label: 'hard' as const },
      'soft',
    ],
    [
      'a passing reply with words of a dead address',
      { diagnostic: 'user unknown', replyCode: 450 },
      'soft',
    ],
    ['nothing but a label', { label: 'hard' as const }, 'hard'],
    ['5.0.0 with a label', { enhancedStatus: '5.0.0', label: 'hard' as const }, 'hard'],
    ['nothing at all', {}, 'soft'],
  ] as const)('tells %s', (_name, evidence, expected) => {
    expect(bounceTypeOf(bounce(evidence))).toBe(expected);
  });
});

describe('evidenceOf', () => {
  it('suppresses for hard bounces, complaints and unsubscribes only', () => {
    expect(evidenceOf('bounced', 'hard')).toEqual({ kind: 'suppress', reason: 'bounce' });
    expect(evidenceOf('complained', null)).toEqual({ kind: 'suppress', reason: 'complaint' });
    expect(evidenceOf('unsubscribed', null)).toEqual({ kind: 'suppress', reason: 'unsubscribe' });
    expect(evidenceOf('bounced', 'soft')).toEqual({ kind: 'soft_bounce' });
    expect(evidenceOf('delivered', null)).toEqual({ kind: 'alive' });
    expect(evidenceOf('deferred', null)).toEqual({ kind: 'none' });
    expect(evidenceOf('suppressed', null)).toEqual({ kind: 'none' });
  });
});
