import { describe, expect, it } from 'vitest';
import { encodedBytes, findMisfit, megabytes, type MailLoad } from './carries.ts';
import type { Capabilities } from './provider.ts';

const CAN: Capabilities = {
  ...{ maxMessageBytes: 25 * 1024 * 1024, maxRecipients: 50, maxTags: 1, maxMetadataBytes: 0 },
  ...{ customHeaders: true, attachments: true, inlineAttachments: true, multipleReplyTo: true },
  ...{ keepsMessageId: true, reservedHeaders: ['x-own'] },
};
const LOAD: MailLoad = {
  ...{ encodedBytes: 1_000, recipients: 1, attachments: 0, inlineAttachments: 0 },
  ...{ headers: [], replyTo: 0 },
};

describe('findMisfit', () => {
  it.each<readonly [string, Partial<Capabilities>, Partial<MailLoad>, unknown]>([
    ['a plain mail', {}, {}, null],
    ['as much as it can', {}, { encodedBytes: 25 * 1024 * 1024, recipients: 50 }, null],
    [
      'a byte too much, in files',
      {},
      { encodedBytes: 25 * 1024 * 1024 + 1, attachments: 1 },
      { field: 'attachments', limit: 'carries at most 25 MB' },
    ],
    [
      'bodies that are too large',
      { maxMessageBytes: 10_000_000 },
      { encodedBytes: 10_000_001 },
      { field: 'html_body and text_body', limit: 'carries at most 10 MB' },
    ],
    [
      'too many recipients',
      {},
      { recipients: 51 },
      { field: 'to_email, cc and bcc', limit: 'takes at most 50 recipients' },
    ],
    [
      'files where none are carried',
      { attachments: false },
      { inlineAttachments: 1 },
      { field: 'attachments', limit: 'carries no attachments' },
    ],
    [
      'inline files',
      { inlineAttachments: false },
      { inlineAttachments: 1 },
      { field: 'attachments', limit: 'carries no inline attachments (content_id)' },
    ],
    [
      'plain files where only inline ones are not carried',
      { inlineAttachments: false },
      { attachments: 1 },
      null,
    ],
    [
      'several reply-to',
      { multipleReplyTo: false },
      { replyTo: 2 },
      { field: 'reply_to', limit: 'carries only one address' },
    ],
    ['one reply-to', { multipleReplyTo: false }, { replyTo: 1 }, null],
    [
      'a header where none are carried',
      { customHeaders: false },
      { headers: ['X-A'] },
      { field: 'headers', limit: 'carries no custom headers' },
    ],
    [
      'a reserved header in any case',
      {},
      { headers: ['X-A', 'X-OWN'] },
      { field: 'headers["X-OWN"]', limit: 'keeps this header for itself' },
    ],
  ])('%s', (...[, can, load, misfit]) => {
    expect(findMisfit({ ...CAN, ...can }, { ...LOAD, ...load })).toEqual(misfit);
  });
});

it('counts bodies as bytes and files as base64', () => {
  expect(encodedBytes({ html: 'ä', text: null }, [3, 6])).toBe(2 + 4 + 8);
});

it.each([
  [30_000_000, '30 MB'],
  [40 * 1024 * 1024, '40 MB'],
  [10_500_000, '10.5 MB'],
])('shows %i bytes as %s', (bytes, shown) => {
  expect(megabytes(bytes)).toBe(shown);
});
