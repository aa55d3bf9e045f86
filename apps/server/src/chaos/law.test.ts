import { describe, expect, it } from 'vitest';
import { judge, type Evidence, type MailRecord } from './law.ts';

const ID = '0199c1a2-0000-7000-8000-000000000001';

function mail(over: Partial<MailRecord> = {}): MailRecord {
  return {
    id: ID,
    key: 'k1',
    onUnknown: 'fail_over',
    status: 'sent',
    recipients: [{ address: 'ok@x.example', status: 'sent', fate: 'taken' }],
    outcomes: ['accepted'],
    isInQueue: false,
    ...over,
  };
}

const waiting = (over: Partial<MailRecord> = {}) =>
  mail({
    status: 'queued',
    isInQueue: true,
    outcomes: [],
    recipients: [{ address: 'ok@x.example', status: 'queued', fate: 'taken' }],
    ...over,
  });

const copy = (over = {}) => ({ emailId: ID, sink: 'smtp', recipients: ['ok@x.example'], ...over });

function evidence(over: Partial<Evidence> = {}): Evidence {
  return { accepted: [{ id: ID, key: 'k1' }], mails: [mail()], copies: [copy()], ...over };
}

const refused = (fate: 'refused' | 'taken') =>
  mail({
    status: 'failed',
    outcomes: ['rejected'],
    recipients: [{ address: 'ok@x.example', status: 'failed', fate }],
  });

describe('judge', () => {
  it.each<[string, Partial<Evidence>, object]>([
    ['a mail sent once', {}, { accepted: 1, sent: 1, copiesExplained: 0 }],
    [
      'a second copy with its unknown attempt',
      { mails: [mail({ outcomes: ['unknown', 'accepted'] })], copies: [copy(), copy()] },
      { sent: 1, copiesExplained: 1 },
    ],
    ['a mail that waits', { mails: [waiting()], copies: [] }, { queued: 1 }],
    [
      'a mail that is held, and left',
      { mails: [waiting({ onUnknown: 'hold', outcomes: ['unknown'] })] },
      { held: 1, queued: 0 },
    ],
    ['a mail whose 202 nobody got', { accepted: [] }, { accepted: 0, unanswered: 1 }],
    ['an address that is refused', { mails: [refused('refused')], copies: [] }, { failed: 1 }],
    [
      'the same answer to the same key',
      { accepted: [1, 2].map(() => ({ id: ID, key: 'k1' })) },
      {},
    ],
    ['an address written in capitals', { copies: [copy({ recipients: ['OK@x.example'] })] }, {}],
  ])('finds nothing wrong with %s', (_, over, figures) => {
    const verdict = judge(evidence(over));
    expect(verdict.violations).toEqual([]);
    expect(verdict.figures).toMatchObject({ ...figures, lost: 0, unexplained: 0 });
  });

  it.each<[string, Partial<Evidence>]>([
    ['an accepted mail is gone from the database', { mails: [], copies: [] }],
    ['a sent mail is in no ledger', { copies: [] }],
    [
      'only one of two recipients is in a ledger',
      {
        mails: [
          mail({
            recipients: ['ok', 'too'].map((name) => ({
              address: `${name}@x.example`,
              status: 'sent',
              fate: 'taken',
            })),
          }),
        ],
      },
    ],
    ['a waiting mail is not in the queue', { mails: [waiting({ isInQueue: false })], copies: [] }],
    ['a good recipient failed', { mails: [refused('taken')], copies: [] }],
  ])('calls it lost when %s', (_, over) => {
    expect(judge(evidence(over)).figures).toMatchObject({ lost: 1, unexplained: 0 });
  });

  it.each<[string, Partial<Evidence>]>([
    ['there is a second copy', { copies: [copy(), copy({ sink: 'http' })] }],
    [
      'there are more copies than unknown attempts explain',
      {
        mails: [mail({ outcomes: ['unknown', 'accepted'] })],
        copies: [copy(), copy(), copy()],
      },
    ],
    ['a failed attempt was taken', { mails: [waiting({ outcomes: ['failed'] })] }],
    [
      'a held mail was sent twice',
      {
        mails: [waiting({ onUnknown: 'hold', outcomes: ['unknown', 'unknown'] })],
        copies: [copy(), copy()],
      },
    ],
    [
      'a mail under hold was sent after an unknown attempt',
      {
        mails: [mail({ onUnknown: 'hold', outcomes: ['unknown', 'accepted'] })],
        copies: [copy(), copy()],
      },
    ],
    [
      'a suppressed recipient got it',
      {
        mails: [
          mail({
            recipients: [{ address: 'ok@x.example', status: 'suppressed', fate: 'suppressed' }],
          }),
        ],
      },
    ],
    ['a refused recipient is in a ledger', { mails: [refused('refused')] }],
    [
      'somebody got it who was not asked for',
      { copies: [copy(), copy({ recipients: ['other@x.example'] })] },
    ],
    [
      'an attempt of a sent mail has no outcome',
      { mails: [mail({ outcomes: [null, 'accepted'] })] },
    ],
    [
      'one key was stored twice',
      { mails: [mail(), mail({ id: 'b' })], copies: [copy(), copy({ emailId: 'b' })] },
    ],
    [
      'one key was answered with two ids',
      {
        accepted: [
          { id: ID, key: 'k1' },
          { id: 'b', key: 'k1' },
        ],
        mails: [mail(), mail({ id: 'b', key: 'k2' })],
        copies: [copy(), copy({ emailId: 'b' })],
      },
    ],
    ['a ledger has an id nobody accepted', { copies: [copy(), copy({ emailId: 'b' })] }],
  ])('calls it unexplained when %s', (_, over) => {
    expect(judge(evidence(over)).figures).toMatchObject({ lost: 0, unexplained: 1 });
  });
});
