import * as contract from '@courierx/contract';

type Json = unknown;

/** Every schema of the contract that has a name, as plain JSON. */
export const COMPONENTS: Readonly<Record<string, Json>> = Object.fromEntries(
  Object.entries(contract)
    .filter(([, value]) => isObjectSchema(value))
    .map(([name, value]) => [name, plain(value)]),
);

const NAME_OF = new Map(
  Object.entries(COMPONENTS).map(([name, schema]) => [canonical(schema), name]),
);

/** Puts a reference in the place of each schema that has a name. */
export function nameSchemas(value: Json): Json {
  return replaceNamed(value, null);
}

/** The components themselves, each with references to the others. */
export function namedComponents(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(COMPONENTS).map(([name, schema]) => [name, replaceNamed(schema, name)]),
  );
}

function replaceNamed(value: Json, self: string | null): Json {
  if (Array.isArray(value)) return value.map((item) => replaceNamed(item, null));
  if (typeof value !== 'object' || value === null) return value;
  const name = NAME_OF.get(canonical(value));
  if (name !== undefined && name !== self) return { $ref: `#/components/schemas/${name}` };
  return Object.fromEntries(
    Object.entries(value)
      // A keyword of our own, for the words of an error.
      .filter(([key]) => key !== 'errorMessage')
      .map(([key, item]) => [key, replaceNamed(item, null)]),
  );
}

function isObjectSchema(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return 'properties' in value || 'allOf' in value;
}

/** As the library writes it: records, which TypeBox tells by a pattern, as additional properties. */
function plain(value: unknown): Json {
  return JSON.parse(JSON.stringify(value), (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || !('patternProperties' in item)) return item;
    const { patternProperties, ...rest } = item;
    const [additionalProperties] = Object.values(patternProperties as object) as unknown[];
    return { ...rest, additionalProperties };
  }) as Json;
}

/** The same text for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
