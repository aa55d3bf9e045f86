import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());

async function createSuppressor() {
  const { token } = await fixture.createAccount();
  return {
    token,
    add: (body: unknown) => fixture.call('POST', 'suppressions', { token, body }),
    list: (query = '') => fixture.call('GET', `suppressions${query}`, { token }),
    remove: (id: unknown) => fixture.call('DELETE', `suppressions/${String(id)}`, { token }),
  };
}

describe('POST /suppressions', () => {
  test('keeps the address in lower case, for the reason given or manual', async () => {
    const { add } = await createSuppressor();
    const answer = await add({ email: ' Bad.Address@Example.COM', note: 'asked\nto leave' });
    expect(answer).toMatchObject({
      status: 201,
      body: { email: 'bad.address@example.com', reason: 'manual', note: 'asked\nto leave' },
    });
  });

  test('the same again answers 201 with the same entry and its new note', async () => {
    const { add, list } = await createSuppressor();
    const first = await add({ email: 'a@example.com', reason: 'bounce', note: 'one' });
    const again = await add({ email: 'A@example.com', reason: 'bounce', note: 'two' });
    expect(again).toMatchObject({ status: 201, body: { ...first.body, note: 'two' } });
    const silent = await add({ email: 'a@example.com', reason: 'bounce' });
    expect(silent.body).toEqual(again.body);
    expect((await list()).list).toHaveLength(1);
  });

  test.each<[unknown, string[]]>([
    [{}, ['Email is required']],
    [{ email: '' }, ['Email is required']],
    [{ email: 'nobody' }, ['Email is not a valid email address']],
    [
      { email: 'a@b.c', reason: 'x' },
      ['Reason must be one of: bounce, complaint, unsubscribe, manual'],
    ],
    [{ email: 1, note: 2 }, ['Email must be a string', 'Note must be a string']],
    [
      { email: 'nobody', note: 2, addres: 1 },
      ['Unknown field: addres', 'Note must be a string', 'Email is not a valid email address'],
    ],
    [[{ email: 'a@b.c' }], ['The body must be an object']],
  ])('refuses %j', async (body, errors) => {
    const { add, list } = await createSuppressor();
    const answer = await add(body);
    expect(answer.status).toBe(422);
    expect(answer.body['errors']).toEqual(errors);
    expect((await list()).list).toEqual([]);
  });
});

describe('GET /suppressions', () => {
  test('filters by reason and by a part of the address, and counts what it filtered', async () => {
    const { add, list } = await createSuppressor();
    await add({ email: 'ada_l@example.com', reason: 'bounce' });
    await add({ email: 'adaxl@example.com', reason: 'manual' });
    await add({ email: 'bob@example.com', reason: 'bounce' });
    const emails = async (query: string) => (await list(query)).list.map(({ email }) => email);
    expect(await emails('?reason=bounce')).toEqual(['bob@example.com', 'ada_l@example.com']);
    expect(await emails('?email=ADA')).toEqual(['adaxl@example.com', 'ada_l@example.com']);
    expect(await emails('?email=a_l')).toEqual(['ada_l@example.com']);
    expect(await emails('?email=%25')).toEqual([]);
    const page = await list('?reason=bounce&per_page=1');
    expect(page.headers).toMatchObject({
      'x-total-count': '2',
      link: '</api/v1/suppressions?reason=bounce&per_page=1&page=2>; rel="next"',
    });
  });
});

describe('DELETE /suppressions/:id', () => {
  test('takes one reason off and leaves the others', async () => {
    const { add, list, remove } = await createSuppressor();
    const bounce = await add({ email: 'a@example.com', reason: 'bounce' });
    await add({ email: 'a@example.com', reason: 'complaint' });
    expect((await remove(bounce.body['id'])).status).toBe(204);
    expect((await list()).list).toMatchObject([{ reason: 'complaint' }]);
    expect((await remove(bounce.body['id'])).status).toBe(404);
  });

  test("is 404 for another account's entry, which stays", async () => {
    const [owner, stranger] = [await createSuppressor(), await createSuppressor()];
    const { body } = await owner.add({ email: 'a@example.com' });
    expect((await stranger.remove(body['id'])).status).toBe(404);
    expect((await stranger.remove('none')).status).toBe(404);
    expect((await stranger.list()).list).toEqual([]);
    expect((await owner.list()).list).toHaveLength(1);
  });
});
