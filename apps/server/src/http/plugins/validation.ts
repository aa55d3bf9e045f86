import { Ajv, type Options } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { describeSchemaErrors } from '../describe-schema-errors.ts';
import { isId } from '../../lib/ids.ts';
import { findUnstorable } from '../find-unstorable.ts';
import { invalid, notFound } from '../../services/service-error.ts';

/**
 * All faults at once; a wrong type is a fault, never converted, but for query strings, which know
 * no types. Nothing unknown is removed: a typo must not send a different mail.
 */
export function setUpValidation(app: FastifyInstance): void {
  const options = { allErrors: true, useDefaults: true, verbose: true, strict: false } as const;
  const forBodies = createAjv(options);
  const forTexts = createAjv({ ...options, coerceTypes: true });
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? forBodies : forTexts).compile(schema as object),
  );
  app.setSchemaErrorFormatter((errors) => invalid(describeSchemaErrors(errors)));
  // Answers are made by our own code from typed values; the schema of an answer only documents it.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));

  app.addHook('preValidation', (request, _reply, done) => {
    if (findUnstorable(request.params) !== null) {
      done(notFound());
      return;
    }
    const { querystring, body } = request.routeOptions.schema ?? {};
    // What a route does not read is let be.
    const fault =
      findUnstorable(querystring && request.query) ?? findUnstorable(body && request.body);
    done(fault === null ? undefined : invalid(fault));
  });
}

/** An id as PostgreSQL takes it: the usual format also lets `urn:uuid:` stand before it. */
function createAjv(options: Options): Ajv {
  const ajv = new Ajv(options);
  addFormats.default(ajv);
  ajv.addFormat('uuid', { validate: isId });
  return ajv;
}

const NO_QUERY = Type.Object({}, { additionalProperties: false });

/** Has the routes that are added from now on refuse a query where they read none. */
export function refuseUnreadQueries(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.schema = { querystring: NO_QUERY, ...route.schema };
  });
}
