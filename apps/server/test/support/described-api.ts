import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';

export type JsonSchema = { readonly [keyword: string]: unknown };

type Media = Readonly<Record<string, { schema?: JsonSchema; example?: unknown }>>;
type Response = { readonly content?: Media; readonly headers?: Readonly<Record<string, unknown>> };
type RawOperation = {
  readonly operationId: string;
  readonly security?: unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Media };
  readonly responses: Readonly<Record<string, Response | { $ref: string }>>;
};

export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
};

/** One operation as `/openapi.json` describes it. */
export type DescribedOperation = {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As written there: `/api/v1/emails/{id}`. */
  readonly path: string;
  readonly isOpen: boolean;
  readonly pathNames: readonly string[];
  readonly query: readonly Parameter[];
  /** Of the body as JSON, with references resolved; null where it takes none. */
  readonly body: JsonSchema | null;
  /** A body that works as it stands. */
  readonly example: unknown;
  /** The content types a body may have. */
  readonly bodyTypes: readonly string[];
  readonly responses: Readonly<Record<string, Response>>;
};

export type DescribedApi = {
  readonly operations: readonly DescribedOperation[];
  /** What is wrong with an answer by its description, in words; none: nothing. */
  faultsOf(operation: DescribedOperation, answer: RawAnswer): readonly string[];
};

export type RawAnswer = {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
};

/** Reads the description the app serves. */
export async function describeApi(app: FastifyInstance): Promise<DescribedApi> {
  const answer = await app.inject({ method: 'GET', url: '/openapi.json' });
  const document = answer.json<{ paths: Record<string, Record<string, RawOperation>> }>();
  const resolve = resolverOf(document);
  const ajv = addFormats.default(new Ajv2020({ allErrors: true, strict: false }));
  const compiled = new Map<string, ValidateFunction>();
  const validatorOf = (key: string, schema: JsonSchema) => {
    const known = compiled.get(key) ?? ajv.compile(schema);
    compiled.set(key, known);
    return known;
  };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => toOperation({ path, method, raw, resolve })),
  );
  return {
    operations,
    faultsOf: (operation, given) => faultsOf(operation, given, validatorOf),
  };
}

type Resolve = (value: unknown) => unknown;

/** Puts what a reference names in its place, all the way down; the contract has no circles. */
function resolverOf(document: unknown): Resolve {
  const resolve: Resolve = (value) => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    if ('$ref' in value && typeof value.$ref === 'string') {
      const found = value.$ref
        .slice(2)
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
      return resolve(found);
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
  };
  return resolve;
}

function toOperation(of: {
  path: string;
  method: string;
  raw: RawOperation;
  resolve: Resolve;
}): DescribedOperation {
  const { path, method, resolve } = of;
  const raw = resolve(of.raw) as RawOperation;
  const parameters = raw.parameters ?? [];
  const content = raw.requestBody?.content ?? {};
  return {
    id: raw.operationId,
    method: method.toUpperCase() as DescribedOperation['method'],
    path,
    isOpen: raw.security === undefined,
    pathNames: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''),
    query: parameters.filter((parameter) => parameter.in === 'query'),
    body: content['application/json']?.schema ?? null,
    example: content['application/json']?.example,
    bodyTypes: Object.keys(content),
    responses: raw.responses as Record<string, Response>,
  };
}

function faultsOf(
  operation: DescribedOperation,
  { statusCode, headers, body }: RawAnswer,
  validatorOf: (key: string, schema: JsonSchema) => ValidateFunction,
): string[] {
  const response = operation.responses[String(statusCode)];
  if (!response) return [`${operation.id} does not declare ${statusCode}`];
  const missing = Object.keys(response.headers ?? {})
    .filter((name) => ALWAYS.has(name) && headers[name.toLowerCase()] === undefined)
    .map((name) => `has no header ${name}`);
  const content = response.content ?? {};
  const types = Object.keys(content);
  if (types.length === 0) {
    return body === '' ? missing : [...missing, 'has a body, and declares none'];
  }
  const type = String(headers['content-type']).split(';')[0] ?? '';
  const media = content[type];
  if (!media) return [...missing, `is ${type}, and declares ${types.join(', ')}`];
  if (type !== 'application/json' || !media.schema) return missing;
  const validate = validatorOf(`${operation.id} ${statusCode}`, media.schema);
  if (validate(JSON.parse(body))) return missing;
  return [
    ...missing,
    ...(validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`),
  ];
}

/** The declared headers that no answer of the kind is without. */
const ALWAYS = new Set([
  'X-Request-Id',
  'X-RateLimit-Limit',
  'X-RateLimit-Remaining',
  'X-RateLimit-Reset',
]);
