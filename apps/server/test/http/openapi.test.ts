import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { createApiFixture, type ApiFixture } from '../support/api-fixture.ts';

type Operation = { operationId: string; responses: Record<string, unknown>; security?: unknown[] };
type Document = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown> };
};

let fixture: ApiFixture;
let document: Document;
const routes: string[] = [];

beforeAll(async () => {
  fixture = await createApiFixture();
  const answer = await fixture.app.inject({ method: 'GET', url: '/openapi.json' });
  expect(answer.statusCode, answer.body).toBe(200);
  document = answer.json();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const method of Object.keys(methods)) {
      routes.push(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`);
    }
  }
});

afterAll(() => fixture.close());

describe('GET /openapi.json', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const result = await new Validator().validate(structuredClone(document));

    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('describes every route of the API, and no route that is not there', () => {
    expect(routes.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
  });

  it('has nothing without a name or an answer', () => {
    for (const methods of Object.values(document.paths)) {
      for (const { operationId, responses } of Object.values(methods)) {
        expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
        expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
      }
    }
  });

  it('names the header that makes a send safe to repeat', () => {
    const send = document.paths['/api/v1/emails']?.['post'];

    expect(send).toMatchObject({ parameters: [{ name: 'Idempotency-Key', in: 'header' }] });
  });

  it('names shared schemas and error answers once', () => {
    const send = document.paths['/api/v1/emails']?.['post'];

    expect(JSON.stringify(send)).toContain('#/components/schemas/SendEmailRequest');
    expect(JSON.stringify(send?.responses['202'])).toContain('#/components/schemas/Email');
    expect(send?.responses['422']).toEqual({ $ref: '#/components/responses/Invalid' });
    expect(JSON.stringify(document)).not.toContain('errorMessage');
  });
});
