import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import packageJson from '../../../package.json' with { type: 'json' };
import { finishDocument } from './finish-document.ts';
import { TAGS } from './operation.ts';
import { OPERATIONS } from './operations.ts';

type Transform = NonNullable<FastifyDynamicSwaggerOptions['transform']>;

/**
 * Describes every route added after it, from the schemas that validate. Served at `/openapi.json`.
 */
export async function setUpOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'CourierX',
        version: packageJson.version,
        description: 'One API to send email through every provider account you own.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      components: {
        securitySchemes: {
          bearer: {
            type: 'http',
            scheme: 'bearer',
            description: 'An API key (`cxk_live_…`, `cxk_test_…`) or a session token.',
          },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'courierx_session',
            description:
              'For browsers, set by `POST /api/v1/auth/session`; over https its name begins with ' +
              '`__Host-`. What is not GET or HEAD needs the header `X-CourierX-CSRF: 1` too.',
          },
        },
      },
    },
    transform: describeOperation,
    transformObject: (input) =>
      'openapiObject' in input ? finishDocument(input.openapiObject) : input.swaggerObject,
  });
  app.get('/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

/** Routes without a description of their own (the dashboard's files) are left out. */
const describeOperation: Transform = ({ schema, url, route }) => {
  const operation = [route.method].flat().flatMap((method) => OPERATIONS[`${method} ${url}`] ?? []);
  const [found] = operation;
  if (!found) {
    if (url.startsWith('/api/') && schema.hide !== true) {
      throw new Error(`${String(route.method)} ${url} has no entry in http/openapi/operations.ts`);
    }
    return { schema: { ...schema, hide: true }, url };
  }
  const { id: operationId, tag, summary, description, isOpen } = found;
  return {
    url,
    schema: {
      response: { 204: { type: 'null' } },
      ...schema,
      ...{ operationId, tags: [tag], summary },
      ...(description !== undefined && { description }),
      ...(isOpen !== true && { security: [{ bearer: [] }, { session: [] }] }),
    },
  };
};
