import { ERROR_CODES } from '@courierx/contract';
import type { OpenAPIV3_1 } from 'openapi-types';
import { namedComponents, nameSchemas } from './components.ts';
import { OPERATIONS } from './operations.ts';

type Document = Partial<OpenAPIV3_1.Document>;
type Operation = OpenAPIV3_1.OperationObject;
type Reference = OpenAPIV3_1.ReferenceObject;

const BY_ID = new Map(Object.values(OPERATIONS).map((operation) => [operation.id, operation]));

const WHAT_A_STATUS_SAYS: Readonly<Record<string, string>> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Taken over.',
  204: 'Done; the answer has no body.',
};

/** The error answers, by status; `Errors` lists every fault of the request, `Error` says one. */
const REFUSALS: Readonly<Record<string, { name: string; description: string }>> = {
  400: { name: 'BadRequest', description: 'The request can not be read.' },
  401: { name: 'Unauthorized', description: 'The token is missing, wrong, expired or revoked.' },
  403: { name: 'Forbidden', description: "The key's role does not allow this call." },
  404: { name: 'NotFound', description: 'No such thing in this account.' },
  409: { name: 'Conflict', description: 'It is in use, or was changed meanwhile.' },
  413: { name: 'PayloadTooLarge', description: 'The body is too large.' },
  415: { name: 'UnsupportedMediaType', description: 'The body is of another type.' },
  422: { name: 'Invalid', description: 'Every fault of the request, each naming its field.' },
  429: { name: 'RateLimited', description: 'Too many requests; wait for `Retry-After` seconds.' },
  503: { name: 'Unavailable', description: 'Not now; try again after `Retry-After` seconds.' },
};

const common: Record<string, OpenAPIV3_1.SchemaObject> = {
  code: { type: 'string', enum: [...ERROR_CODES], description: 'Stable; for programs.' },
  request_id: { type: 'string', description: 'As in `X-Request-Id`; for support.' },
};

const ERROR_SCHEMAS: Record<string, OpenAPIV3_1.SchemaObject> = {
  Error: {
    type: 'object',
    required: ['error', 'code', 'request_id'],
    properties: { error: { type: 'string', description: 'For people.' }, ...common },
  },
  Errors: {
    type: 'object',
    required: ['errors', 'code', 'request_id'],
    properties: {
      errors: { type: 'array', items: { type: 'string' }, examples: [['Subject is required']] },
      ...common,
    },
  },
};

const text = (description: string): OpenAPIV3_1.HeaderObject => ({
  description,
  schema: { type: 'string' },
});
const number = (description: string): OpenAPIV3_1.HeaderObject => ({
  description,
  schema: { type: 'integer' },
});

const HEADERS: Record<string, OpenAPIV3_1.HeaderObject> = {
  'X-Request-Id': text('Names this request in the logs.'),
  'X-RateLimit-Limit': number('Requests a minute that this account may make.'),
  'X-RateLimit-Remaining': number('Requests left in this window.'),
  'X-RateLimit-Reset': number('When the window ends, in unix seconds.'),
  'Retry-After': number('Seconds to wait.'),
  'X-Total-Count': number('How many there are; absent in reads by cursor.'),
  'X-Page': number('The page, from 1.'),
  'X-Per-Page': number('How many are on a page.'),
  Link: text('`rel="next"`: where the list goes on.'),
  'Idempotency-Replayed': text('`true` where the key had been used and this is the first email.'),
};

/** What the routes' schemas don't say: names of schemas, error answers, headers, examples. */
export function finishDocument(document: object): Document {
  const named = nameSchemas(document) as Document;
  for (const path of Object.values(named.paths ?? {})) {
    for (const [method, part] of Object.entries(path ?? {})) {
      if (isOperation(part)) finishOperation(method, part);
    }
  }
  return {
    ...named,
    components: {
      ...named.components,
      schemas: {
        ...(namedComponents() as Record<string, OpenAPIV3_1.SchemaObject>),
        ...ERROR_SCHEMAS,
      },
      headers: HEADERS,
      responses: Object.fromEntries(
        Object.entries(REFUSALS).map(([status, { name, description }]) => [
          name,
          {
            description,
            headers: headerReferences([
              'X-Request-Id',
              ...(['429', '503'].includes(status) ? ['Retry-After'] : []),
            ]),
            content: {
              'application/json': {
                schema: { $ref: `#/components/schemas/${status === '422' ? 'Errors' : 'Error'}` },
              },
            },
          },
        ]),
      ),
    },
  };
}

function isOperation(part: unknown): part is Operation {
  return typeof part === 'object' && part !== null && 'operationId' in part;
}

function finishOperation(method: string, operation: Operation): void {
  const described = BY_ID.get(operation.operationId ?? '');
  if (described?.body) {
    operation.requestBody = { required: true, content: { ...described.body } };
  }
  for (const [name, header] of Object.entries(described?.headers ?? {})) {
    operation.parameters = [...(operation.parameters ?? []), { name, in: 'header', ...header }];
  }
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    if ('$ref' in response) continue;
    response.description = WHAT_A_STATUS_SAYS[status] ?? response.description;
    response.headers = headerReferences(headersOf(operation, described?.isOpen === true));
  }
  const body = operation.requestBody;
  if (body && 'content' in body && described?.example) {
    for (const media of Object.values(body.content)) media.example = described.example;
  }
  const refusals = refusalsOf(method, operation, described?.isOpen === true);
  for (const status of new Set([...refusals, ...(described?.refusals ?? [])])) {
    const { name } = REFUSALS[status] ?? { name: '' };
    operation.responses = {
      ...operation.responses,
      [status]: { $ref: `#/components/responses/${name}` },
    };
  }
}

function headersOf(operation: Operation, isOpen: boolean): readonly string[] {
  const isList = operation.parameters?.some((part) => 'name' in part && part.name === 'per_page');
  return [
    'X-Request-Id',
    ...(isOpen ? [] : ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset']),
    ...(isList === true ? ['X-Total-Count', 'X-Page', 'X-Per-Page', 'Link'] : []),
    ...(operation.operationId === 'sendEmail' ? ['Idempotency-Replayed'] : []),
  ];
}

function headerReferences(names: readonly string[]): Record<string, Reference> {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** What follows from the shape of an operation. */
function refusalsOf(method: string, operation: Operation, isOpen: boolean): readonly number[] {
  const isIn = (place: string) =>
    operation.parameters?.some((part) => 'in' in part && part.in === place) === true;
  const hasBody = operation.requestBody !== undefined;
  const readsBody = method !== 'get';
  return [
    // A body is read wherever one may come, also where none is asked for.
    ...(readsBody ? [400, 413, 415] : []),
    ...(isIn('path') ? [400, 404] : []),
    ...(isOpen ? [] : [401, 403, 429]),
    ...(hasBody && !isOpen ? [409] : []),
    // A query is refused where none is read.
    ...(hasBody || isIn('query') || !isOpen ? [422] : []),
    503,
  ];
}
