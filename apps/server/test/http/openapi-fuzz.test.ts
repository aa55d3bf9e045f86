import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import type { RawAnswer } from '../support/described-api.ts';
import { fuzzRequests } from '../support/fuzz-requests.ts';
import { createSampleApi, ENDLESS, type SampleApi } from '../support/sample-api.ts';

let api: SampleApi;
beforeAll(async () => {
  api = await createSampleApi();
});
afterAll(() => api.close());

/** A password is hashed slowly, on purpose. */
const RUNS: Readonly<Record<string, number>> = {
  register: 60,
  login: 60,
  createSession: 60,
  updateAccount: 80,
  deleteAccount: 60,
};

const ids = Object.values(OPERATIONS)
  .map(({ id }) => id)
  .filter((id) => !ENDLESS.includes(id));

describe('whatever is sent', () => {
  it.each(ids)(
    'is answered as the description says, and never 5xx: %s',
    async (id) => {
      const operation = api.operation(id);
      const world = await api.createWorld();
      const token = operation.isOpen ? null : world.owner.token;
      const requests = fuzzRequests(operation, world);
      await fc.assert(
        fc.asyncProperty(requests, async (request) => {
          const answer = await api.perform(request, token);
          expect(answer.statusCode, answer.body).toBeLessThan(500);
          expect(api.faultsOf(operation, answer), `${answer.statusCode} ${answer.body}`).toEqual(
            [],
          );
          if (answer.statusCode >= 400) expectError(answer);
        }),
        { numRuns: RUNS[id] ?? 100 },
      );
    },
    60_000,
  );
});

/** One fault, or at 422 every one of them, each once; never what it looks like inside. */
function expectError({ statusCode, headers, body }: RawAnswer): void {
  const error = JSON.parse(body) as { error?: string; errors?: string[]; request_id: string };
  const faults = statusCode === 422 ? error.errors : [error.error];
  expect(Object.keys(error)).toEqual([
    statusCode === 422 ? 'errors' : 'error',
    'code',
    'request_id',
  ]);
  expect(faults?.length).toBeGreaterThan(0);
  expect(new Set(faults).size).toBe(faults?.length);
  expect(error.request_id).toBe(headers['x-request-id']);
  expect(body).not.toMatch(/postgres|kysely|node_modules|\.ts:\d|violates|relation "/i);
}
