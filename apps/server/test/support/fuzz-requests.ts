import fc, { type Arbitrary } from 'fast-check';
import type { DescribedOperation, JsonSchema, Parameter } from './described-api.ts';
import { pathOf, sampleCall, type SampleCall, type World } from './sample-api.ts';

/** A request of any kind to an operation: what its description allows, and what nothing allows. */
export function fuzzRequests(operation: DescribedOperation, world: World): Arbitrary<SampleCall> {
  return fc
    .record({
      url: fc.oneof(
        { weight: 6, arbitrary: fc.constant(pathOf(operation, world)) },
        { weight: 1, arbitrary: oddPaths(operation) },
      ),
      query: queries(operation),
      body: bodies(operation, world),
      headers: oddHeaders,
    })
    .map(({ url, query, body, headers }) => ({
      method: operation.method,
      url: url + query,
      ...(body !== null && { payload: body.payload }),
      headers: { ...(body !== null && { 'content-type': body.type }), ...headers },
    }));
}

/** Headers as tokens can be wrong, next to none at all. */
const oddHeaders: Arbitrary<Record<string, string>> = fc.oneof(
  { weight: 12, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { authorization: 'Bearer ' },
      { authorization: 'Basic dTpw' },
      { authorization: `Bearer cxk_live_${'x'.repeat(43)}` },
      { authorization: `Bearer ${'x'.repeat(9000)}` },
      { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.' },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { 'x-request-id': '../../etc' },
      { 'idempotency-key': 'x'.repeat(300) },
      { 'idempotency-key': '' },
      { accept: 'application/x-ndjson' },
      { 'content-encoding': 'gzip' },
    ),
  },
);

const oddText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    'x'.repeat(5000),
    '\r\nBcc: a@b.co',
    '../..',
    '%',
    "'",
  ),
  fc.constantFrom('2030-06-30T23:59:60Z', '9999-12-31T23:59:59-23:59', '0000-01-01', '2026-02-30'),
  fc.constantFrom(
    'a@b.co',
    'a@xn--.co',
    '"a b"@b.co',
    'a@[127.0.0.1]',
    '*@b.co',
    'ä@bücher.example',
  ),
  fc.constantFrom(
    'http://[::1',
    'https://u:p@h.co',
    'javascript:1',
    'file:///etc',
    'https://h.co:0',
  ),
);

const anything: Arbitrary<unknown> = fc.oneof(
  oddText,
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, true, -1, 0, 1.5, 1e300, 2 ** 53, [], {}, [[]], [null]),
);

function oddPaths({ path }: DescribedOperation): Arbitrary<string> {
  const names = path.match(/\{\w+\}/g) ?? [];
  const part = fc.oneof(
    oddText.map((text) => encodeURIComponent(text.toWellFormed()) || '0'),
    fc.uuid(),
    fc.constantFrom('%', '%00', '%E0%A4%A', '..%2f..', '0', 'null', 'x'.repeat(300)),
  );
  return fc
    .tuple(...names.map(() => part))
    .map((parts) =>
      parts.reduce<string>((url, value) => url.replace(/\{\w+\}/, () => value), path),
    );
}

function queries({ query }: DescribedOperation): Arbitrary<string> {
  const names = ['page', 'per_page', 'from', 'unknown', '__proto__', 'a[b]'];
  const odd = fc
    .array(fc.tuple(fc.constantFrom(...names, ...query.map(({ name }) => name)), oddText), {
      maxLength: 4,
    })
    .map((pairs) => toQuery(pairs.map(([name, value]) => [name, value.toWellFormed()])));
  const raw = fc.constantFrom('?', '?&&=', '?%', '?page=%00', '?%E0%A4%A=1', '?page=1&page=2');
  return fc.oneof(
    { weight: 4, arbitrary: soundQuery(query) },
    { weight: query.length > 0 ? 3 : 1, arbitrary: odd },
    { weight: 1, arbitrary: raw },
  );
}

function soundQuery(query: readonly Parameter[]): Arbitrary<string> {
  const given = query.map(({ name, schema, required }) =>
    fc
      .option(soundValue(schema), { freq: required === true ? 50 : 1 })
      .map((value): [string, string][] =>
        value === null
          ? []
          : [[name, (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed()]],
      ),
  );
  return fc.tuple(...given).map((pairs) => toQuery(pairs.flat()));
}

function toQuery(pairs: [string, string][]): string {
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

type Body = { payload: string; type: string } | null;

const JSON_TYPE = 'application/json';

function bodies(operation: DescribedOperation, world: World): Arbitrary<Body> {
  const { payload = '{}', headers } = sampleCall(operation, world);
  const json = (value: unknown): Body => ({ payload: JSON.stringify(value), type: JSON_TYPE });
  const type = fc.constantFrom(
    ...['text/plain', 'text/csv', 'application/x-ndjson', 'multipart/form-data', '', 'x'],
    ...['application/json; charset=utf-16', 'application/json;charset=UTF-8', '*/*'],
    ...operation.bodyTypes.filter((known) => known !== JSON_TYPE).flatMap((one) => [one, one, one]),
  );
  const lines = fc.array(oddText, { maxLength: 5 }).map((texts) => texts.join('\n'));
  const broken = fc
    .oneof(
      oddText,
      fc.constantFrom('{', '{"a":1,}', '[', 'nul', '"', '{"a":1e999}', '{"__proto__":{"a":1}}'),
      fc.constant('['.repeat(20_000)),
      fc.constant(`{"metadata":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`),
    )
    .map((text): Body => ({ payload: text, type: JSON_TYPE }));
  const typed = fc
    .tuple(type, fc.oneof(lines, fc.constant(payload), fc.constant(`${payload}\n"`)))
    .map(([kind, text]): Body => ({ payload: text, type: kind }));
  if (operation.bodyTypes.length === 0) {
    return fc.oneof(
      { weight: 6, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: anything.map(json) },
      { weight: 1, arbitrary: broken },
      { weight: 1, arbitrary: typed },
    );
  }
  const isJson = headers['content-type'] === JSON_TYPE && operation.body !== null;
  const sample = isJson ? (JSON.parse(payload) as unknown) : [];
  const sound = operation.body ? soundValue(operation.body) : anything;
  return fc.oneof(
    { weight: 4, arbitrary: sound.map(json) },
    { weight: 6, arbitrary: mutated(sample, operation.body ?? {}).map(json) },
    { weight: 1, arbitrary: anything.map(json) },
    { weight: 1, arbitrary: broken },
    { weight: isJson ? 1 : 6, arbitrary: typed },
    { weight: 1, arbitrary: fc.constant(null) },
  );
}

/** A body that works, with fields gone, wrong, sound in other ways, or not in the description. */
function mutated(sample: unknown, { properties = {} }: JsonSchema): Arbitrary<unknown> {
  if (typeof sample !== 'object' || sample === null || Array.isArray(sample)) return anything;
  const known = Object.entries(properties as Record<string, JsonSchema>);
  const gone = Object.keys(sample).length === 0 ? ['none'] : Object.keys(sample);
  const sound = known.map(([name, schema]) =>
    soundValue(schema).map((value) => ({ [name]: value })),
  );
  const wrong = known.map(([name]) => anything.map((value) => ({ [name]: value })));
  const unknown = fc.tuple(oddText, anything).map(([name, value]) => ({ [name]: value }));
  return fc
    .tuple(
      fc.subarray(gone, { maxLength: 1 }),
      fc.array(fc.oneof(...sound, ...sound, ...wrong, unknown), { maxLength: 3 }),
    )
    .map(([without, over]) => {
      const kept = Object.entries(sample).filter(([name]) => !without.includes(name));
      return Object.assign(Object.fromEntries(kept), ...over) as unknown;
    });
}

/** Values that a schema allows. */
export function soundValue(schema: JsonSchema): Arbitrary<unknown> {
  const { type, enum: words, anyOf, allOf, const: constant, examples } = schema as Keywords;
  if (constant !== undefined) return fc.constant(constant);
  if (words) return fc.constantFrom(...words);
  if (anyOf) return fc.oneof(...anyOf.map(soundValue));
  if (allOf) {
    return fc
      .tuple(...allOf.map(soundValue))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  }
  switch (type) {
    case undefined:
      return anything;
    case 'string': {
      const text = soundText(schema);
      return examples ? fc.oneof(text, fc.constantFrom(...examples)) : text;
    }
    case 'integer':
    case 'number':
      return soundNumber(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const { items = {}, minItems, maxItems } = schema as Keywords;
      return fc.array(soundValue(items), {
        minLength: minItems ?? 0,
        maxLength: Math.min(maxItems ?? 4, 4),
      });
    }
    case 'object':
      return soundObject(schema);
    default:
      return anything;
  }
}

type Keywords = {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  examples?: unknown[];
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: JsonSchema;
  minItems?: number;
  maxItems?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
};

function soundText({ format, minLength = 0, maxLength = 5000 }: Keywords): Arbitrary<string> {
  if (format === 'uuid') return fc.uuid();
  if (format === 'date-time') {
    const [min, max] = [new Date('1970-01-01'), new Date('2200-01-01')];
    return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString());
  }
  const lengthOf = (text: string) => Array.from(text).length;
  const fits = (text: string) => lengthOf(text) >= minLength && lengthOf(text) <= maxLength;
  return fc.oneof(
    fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, minLength + 40) }),
    oddText.filter(fits),
    fc.constant('x'.repeat(maxLength)),
  );
}

function soundNumber({ type, minimum = -1e9, maximum = 1e9 }: Keywords): Arbitrary<number> {
  const edges = fc.constantFrom(minimum, maximum);
  return type === 'integer'
    ? fc.oneof(fc.integer({ min: minimum, max: maximum }), edges)
    : fc.oneof(fc.double({ min: minimum, max: maximum, noNaN: true }), edges);
}

function soundObject({ properties = {}, required = [], additionalProperties }: Keywords) {
  const entries = Object.entries(properties).map(([name, schema]) => [name, soundValue(schema)]);
  const own = fc.record(Object.fromEntries(entries) as Record<string, Arbitrary<unknown>>, {
    requiredKeys: required,
  });
  if (typeof additionalProperties !== 'object') return own;
  const more = fc.dictionary(
    fc.string({ minLength: 1, maxLength: 20 }),
    soundValue(additionalProperties),
  );
  return fc.tuple(own, more).map(([one, two]): unknown => ({ ...two, ...one }));
}
