import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSampleApi, ENDLESS, sampleCall, type SampleApi } from '../support/sample-api.ts';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';

let api: SampleApi;
beforeAll(async () => {
  api = await createSampleApi();
});
afterAll(() => api.close());

const ids = Object.values(OPERATIONS)
  .map(({ id }) => id)
  .filter((id) => !ENDLESS.includes(id));

describe('each operation', () => {
  it.each(ids)('answers a sound call as its description says: %s', async (id) => {
    const operation = api.operation(id);
    const world = await api.createWorld();
    const call = sampleCall(operation, world);
    const answer = await api.perform(call, operation.isOpen ? null : world.owner.token);

    expect(answer.statusCode, answer.body).toBeLessThan(300);
    expect(api.faultsOf(operation, answer), answer.body).toEqual([]);
  });

  it.each(Object.entries(OPERATIONS).filter(([, { isOpen }]) => isOpen !== true))(
    'wants a token: %s',
    async (_call, { id }) => {
      const operation = api.operation(id);
      const call = sampleCall(operation, await api.createWorld());
      for (const headers of [
        {},
        { authorization: 'Basic x' },
        { authorization: 'Bearer cxk_live_x' },
      ]) {
        const answer = await api.perform(
          { ...call, headers: { ...call.headers, ...headers } },
          null,
        );
        expect([answer.statusCode, api.faultsOf(operation, answer)], answer.body).toEqual([
          401,
          [],
        ]);
      }
    },
  );
});
