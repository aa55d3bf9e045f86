import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { readAccountRows } from '../support/account-rows.ts';
import type { SignedUp } from '../support/api-fixture.ts';
import { createSampleApi, sampleCall, type SampleApi, type World } from '../support/sample-api.ts';

let api: SampleApi;
let owner: World;
let other: World;
let stranger: SignedUp;

beforeAll(async () => {
  api = await createSampleApi();
  [owner, other] = [await api.createWorld(), await api.createWorld()];
  stranger = await api.signUp();
});
afterAll(() => api.close());

const rowsOf = ({ owner: { accountId } }: World) => readAccountRows(api.database.pool, accountId);

/** As a world whose every id is of nothing. */
function nowhere(): World {
  const ids = Object.keys(owner.ids).map((collection) => [collection, crypto.randomUUID()]);
  return { ...owner, ids: Object.fromEntries(ids) as World['ids'] };
}

/** The URL a provider is given takes no token of ours; provider-webhooks.test.ts is about it. */
const withIds = Object.entries(OPERATIONS).filter(
  ([call, { isOpen }]) => call.includes(':') && isOpen !== true,
);
const withTwo = withIds.filter(([call]) => call.split(':').length > 2);

describe("another account's resource", () => {
  it.each(withIds)('is not there: %s', async (_call, { id }) => {
    const operation = api.operation(id);
    const before = await rowsOf(owner);
    const asked = api.sendgrid.verified.length;
    const answer = await api.perform(sampleCall(operation, owner), stranger.token);
    const made = await api.perform(sampleCall(operation, nowhere()), stranger.token);
    expect(answer.statusCode, answer.body).toBe(404);
    expect(answer.body).not.toMatch(/private/i);
    expect({ ...(JSON.parse(made.body) as object), request_id: '' }).toEqual({
      ...(JSON.parse(answer.body) as object),
      request_id: '',
    });
    expect(await rowsOf(owner)).toEqual(before);
    expect(api.sendgrid.verified).toHaveLength(asked);
  });

  it.each(withTwo)("is not in one's own either: %s", async (_call, { id }) => {
    const operation = api.operation(id);
    const before = await rowsOf(owner);
    const deliveries = owner.ids['deliveries'] ?? '';
    const mixed = { ...other, ids: { ...other.ids, deliveries } };
    const answer = await api.perform(sampleCall(operation, mixed), other.owner.token);
    expect(answer.statusCode, answer.body).toBe(404);
    expect(await rowsOf(owner)).toEqual(before);
  });

  it('is not deleted by its address', async () => {
    const answer = await stranger.delete('/suppressions?email=private@example.net');
    expect(answer.status).toBe(404);
  });

  it("is no part of what is one's own", async () => {
    const connections = [{ connection_id: owner.ids['provider_connections'] }];
    const answer = await stranger.post('/routing_rules', { name: 'mine', connections });
    expect([answer.status, answer.text]).toEqual([422, expect.not.stringMatching(/private/i)]);
  });

  it.each([
    ['provider_connections', 'provider connections'],
    ['routing_rules', 'routing rules'],
  ])("is not put in order with one's own: %s", async (collection, noun) => {
    const before = await rowsOf(owner);
    const answer = await stranger.post(`/${collection}/reorder`, { ids: [owner.ids[collection]] });
    expect(answer).toMatchObject({
      status: 422,
      body: { errors: [`ids[0] is not one of your ${noun}`] },
    });
    expect(await rowsOf(owner)).toEqual(before);
  });

  it('is in no list, whatever the filter', async () => {
    const paths = [
      ...['/emails', '/emails?recipient=private', '/emails?tag=private', '/emails?status=queued'],
      `/emails?cursor=ffffffff-ffff-7fff-bfff-ffffffffffff`,
      ...['/api_keys', '/provider_connections', '/suppressions', '/suppressions?email=gone'],
      '/routing_rules',
      ...['/domains', '/audit_log?action=domain', '/suppressions/export?format=json'],
      '/webhook_endpoints',
    ];
    for (const path of paths) {
      const answer = await stranger.get(path);
      expect([answer.status, answer.body], path).toEqual([200, []]);
    }
  });

  it('has no effect: neither its suppressions nor its idempotency keys', async () => {
    const answer = await stranger.post<{ id: string; status: string }>('/emails', {
      ...{ from: 'a@example.com', to: 'private@example.net', subject: 'x', text: 'x' },
      metadata: { idempotency_key: 'k' },
    });
    expect(answer.body.status).toBe('queued');
    expect(answer.body.id).not.toBe(owner.ids['emails']);
    expect(answer.headers['idempotency-replayed']).toBeUndefined();
  });
});
