import { SendEmailRequest } from '@courierx/contract';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { Type, type TSchema } from 'typebox';
import { describe, expect, it } from 'vitest';
import { describeSchemaErrors } from './describe-schema-errors.ts';

function faultsOf(schema: TSchema, value: unknown): string[] {
  const ajv = addFormats.default(new Ajv({ allErrors: true, verbose: true, strict: false }));
  const validate = ajv.compile(schema);
  expect(validate(value)).toBe(false);
  return describeSchemaErrors(validate.errors ?? []);
}

const object = (properties: Record<string, TSchema>) =>
  Type.Object(properties, { additionalProperties: false });

describe('a fault is told in words', () => {
  const text = Type.String();
  it.each<[string, TSchema, unknown, string[]]>([
    ['a missing field', object({ name: text }), {}, ['Name is required']],
    ['a missing field with a long name', object({ to_name: text }), {}, ['to_name is required']],
    ['an empty text', object({ a: Type.String({ minLength: 1 }) }), { a: '' }, ['A is required']],
    [
      'a short text',
      object({ a: Type.String({ minLength: 3 }) }),
      { a: '12' },
      ['A is too short (minimum 3 characters)'],
    ],
    [
      'a long text',
      object({ a: Type.String({ maxLength: 1 }) }),
      { a: '12' },
      ['A is too long (maximum 1 characters)'],
    ],
    [
      'a small number',
      object({ a: Type.Integer({ minimum: 1 }) }),
      { a: 0 },
      ['A must be at least 1'],
    ],
    [
      'a large number',
      object({ a: Type.Integer({ maximum: 1 }) }),
      { a: 2 },
      ['A must be at most 1'],
    ],
    ['a broken number', object({ a: Type.Integer() }), { a: 1.5 }, ['A must be a whole number']],
    [
      'a wrong choice',
      object({ a: Type.Enum(['x', 'y']) }),
      { a: 'z' },
      ['A must be one of: x, y'],
    ],
    ['a wrong type', object({ a: Type.Boolean() }), { a: 1 }, ['A must be true or false']],
    [
      'a time that is none',
      object({ a: Type.String({ format: 'date-time' }) }),
      { a: 'x' },
      ['A must be a time such as 2026-03-22T10:30:00Z'],
    ],
    ['no object at all', object({}), [], ['The body must be an object']],
    [
      'nothing to change',
      Type.Object({}, { minProperties: 1 }),
      {},
      ['Give at least one field to change'],
    ],
    [
      'a keyword without words',
      object({ a: Type.String({ pattern: '^x$' }) }),
      { a: 'y' },
      ['A is not valid'],
    ],
    [
      'an optional null',
      object({ a: Type.Union([text, Type.Null()]) }),
      { a: 1 },
      ['A must be a string'],
    ],
    [
      'a field of a field',
      object({ a: object({ b: text }) }),
      { a: { b: 1 } },
      ['a.b must be a string'],
    ],
    [
      'an entry of a list',
      object({ a: Type.Array(text) }),
      { a: ['x', 1] },
      ['a[1] must be a string'],
    ],
    [
      'a name with a slash and a tilde',
      object({ 'a/b~c': text }),
      { 'a/b~c': 1 },
      ['a/b~c must be a string'],
    ],
  ])('%s', (...[, schema, value, faults]) => {
    expect(faultsOf(schema, value)).toEqual(faults);
  });

  it('of a union that has a sentence, in that sentence alone', () => {
    const faults = faultsOf(SendEmailRequest, { to: [{ mail: 5 }, 7], cc: [[]] });
    const list = 'must be an email address, an object with email and name, or a list of these';
    expect(faults).toEqual([`To ${list}`, `Cc ${list}`]);
  });

  it('of a field whose name begins like that of a union, too', () => {
    const faults = faultsOf(SendEmailRequest, { to: 5, to_email: 5, to_name: 5 });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['to_email', 'To', 'to_name']);
  });

  it('once', () => {
    const twice = faultsOf(object({ a: Type.Union([Type.String(), Type.String()]) }), { a: 1 });
    expect(twice).toEqual(['A must be a string']);
  });

  it('in general where nothing can be told', () => {
    expect(describeSchemaErrors([])).toEqual(['The request is not valid']);
  });
});

describe('an unknown field', () => {
  const known = object(
    Object.fromEntries(
      ['reply_to', 'subject', 'to', 'html_body'].map((name) => [
        name,
        Type.Optional(Type.String()),
      ]),
    ),
  );

  it.each([
    ['reply_t', 'reply_to'],
    ['reply_too', 'reply_to'],
    ['reply-to', 'reply_to'],
    ['replyTo', 'reply_to'],
    ['Reply-To', 'reply_to'],
    ['subejct', 'subject'],
    ['Subject', 'subject'],
    ['htmlBody', 'html_body'],
  ])('%s may be meant as %s', (given, meant) => {
    expect(faultsOf(known, { [given]: 'x' })).toEqual([
      `Unknown field: ${given}; did you mean ${meant}?`,
    ]);
  });

  it.each(['body', 'schedule_at', 'x', 'constructor', 'toString'])(
    '%s may be anything',
    (given) => {
      expect(faultsOf(known, { [given]: 'x' })).toEqual([`Unknown field: ${given}`]);
    },
  );

  it('is shown shortened', () => {
    expect(faultsOf(known, { ['x'.repeat(10_000)]: 1 })[0]).toHaveLength(95);
  });
});
