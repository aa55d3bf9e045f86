import {
  CreateSuppressionRequest,
  CreateWebhookEndpointRequest,
  SendEmailRequest,
} from '@courierx/contract';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { describeSchemaErrors } from './describe-schema-errors.ts';

function faultsOf(schema: object, data: unknown): string[] {
  const ajv = addFormats.default(new Ajv({ allErrors: true, verbose: true, strict: false }));
  const validate = ajv.compile(schema);
  return validate(data) ? [] : describeSchemaErrors(validate.errors ?? []);
}

describe('describeSchemaErrors', () => {
  test.each<[unknown, string[]]>([
    [{ subject: 1 }, ['Subject must be a string']],
    [{ html_body: 1 }, ['html_body must be a string']],
    [{ reply_too: 'x' }, ['Unknown field: reply_too; did you mean reply_to?']],
    [{ replyTo: 'x' }, ['Unknown field: replyTo; did you mean reply_to?']],
    [{ sbuject: 'x' }, ['Unknown field: sbuject; did you mean subject?']],
    [{ scheduled_at: 'x' }, ['Unknown field: scheduled_at']],
    [
      { attachments: [{ filename: 'a', content: 1 }, 'b'] },
      ['attachments[0].content must be a string', 'attachments[1] must be an object'],
    ],
    [{ attachments: [{ content: '' }] }, ['attachments[0].filename is required']],
    [{ from: 5 }, ['From must be an email address or an object with email and name']],
    [
      { to: 5, to_name: 6, to_email: 'a@b.co' },
      [
        'To must be an email address, an object with email and name, or a list of these',
        'to_name must be a string',
      ],
    ],
    [
      { cc: [{ mail: 'x' }, 7] },
      [
        'cc must be an email address, an object with email and name, or a list of these'.replace(
          'cc',
          'Cc',
        ),
      ],
    ],
    [{ tags: ['a', 1] }, ['tags[1] must be a string']],
    [{ headers: { 'X-A': 1 } }, ['headers.X-A must be a string']],
    [[], ['The body must be an object']],
    ['text', ['The body must be an object']],
    [null, ['The body must be an object']],
  ])('an email of %j', (data, faults) => {
    expect(faultsOf(SendEmailRequest, data)).toEqual(faults);
  });

  test('a text that is empty is missing, one that is long is too long', () => {
    expect(faultsOf(CreateSuppressionRequest, { email: '' })).toEqual(['Email is required']);
    expect(faultsOf(CreateSuppressionRequest, { email: 'x'.repeat(400), reason: 'y' })).toEqual([
      'Email is too long (maximum 320 characters)',
      'Reason must be one of: bounce, complaint, unsubscribe, manual',
    ]);
  });

  test('a list that is too long is told by what it may hold', () => {
    const events = Array.from({ length: 51 }, () => 'sent');
    expect(faultsOf(CreateWebhookEndpointRequest, { url: 'https://a.co', events })).toEqual([
      'Events has too many entries (maximum 50)',
    ]);
  });

  test('a hundred faults are named, the rest is counted', () => {
    const faults = faultsOf(
      Type.Array(Type.String()),
      Array.from({ length: 250 }, (_, n) => n),
    );
    expect(faults).toHaveLength(101);
    expect(faults.at(-1)).toBe('and 150 more faults');
  });
});
