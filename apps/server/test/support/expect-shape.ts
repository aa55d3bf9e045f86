import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect } from 'vitest';

const ajv = addFormats.default(new Ajv({ allErrors: true, strict: false }));

type Schema = { properties?: object; allOf?: readonly Schema[] };

/** Holds a value to a schema of the contract: every documented field, in its type, and no other. */
export function expectShape(schema: object, value: unknown): void {
  const isValid = ajv.validate(schema, value);
  expect(isValid, `${ajv.errorsText()} in ${JSON.stringify(value)}`).toBe(true);
  expect(Object.keys(value as object).sort()).toEqual(fieldsOf(schema).sort());
}

function fieldsOf({ properties = {}, allOf = [] }: Schema): string[] {
  return [...Object.keys(properties), ...allOf.flatMap(fieldsOf)];
}
