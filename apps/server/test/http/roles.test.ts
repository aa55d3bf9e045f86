import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { readAccountRows } from '../support/account-rows.ts';
import { createSampleApi, ENDLESS, sampleCall, type SampleApi } from '../support/sample-api.ts';

let api: SampleApi;
beforeAll(async () => {
  api = await createSampleApi();
});
afterAll(() => api.close());

/** Asks without changing anything, though it is a POST. */
const QUESTIONS = ['explainRoute'];

const behindToken = Object.entries(OPERATIONS)
  .filter(([, { id, isOpen }]) => isOpen !== true && !ENDLESS.includes(id))
  .map(([call, { id }]) => ({
    call,
    id,
    isRead: call.startsWith('GET ') || QUESTIONS.includes(id),
  }));

/** Roles, and test keys, with what each of them may do. */
const KEYS: readonly [string, object, (of: { id: string; isRead: boolean }) => boolean][] = [
  ['only reads', { role: 'read' }, ({ isRead }) => isRead],
  // Every key may know whose it is.
  [
    'only sends',
    { role: 'send' },
    ({ id }) => ['sendEmail', 'getAccount', 'getSession'].includes(id),
  ],
  ['is for tests', { mode: 'test' }, ({ id, isRead }) => isRead || id === 'sendEmail'],
];

describe.each(KEYS)('a key that %s', (_name, over, mayDo) => {
  it.each(behindToken)('$call', async (operation) => {
    const { owner, ...world } = await api.createWorld();
    const made = await owner.post<{ raw_key: string }>('/api_keys', { name: 'key', ...over });
    const rows = () => readAccountRows(api.database.pool, owner.accountId);
    const before = await rows();
    const described = api.operation(operation.id);
    const call = sampleCall(described, { owner, ...world });
    const answer = await api.perform(call, made.body.raw_key);

    expect(api.faultsOf(described, answer), answer.body).toEqual([]);
    if (mayDo(operation)) {
      expect(answer.statusCode, answer.body).toBeLessThan(300);
    } else {
      expect(answer.statusCode, answer.body).toBe(403);
      expect(await rows()).toEqual(before);
    }
  });
});
