import { Suppression } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { expectShape } from '../support/expect-shape.ts';

let api: ApiFixture;
let me: SignedUp;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(async () => {
  me = await api.signUp();
});

async function add(body: Record<string, unknown>): Promise<Suppression> {
  const answer = await me.post<Suppression>('/suppressions', body);
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
}

async function found(query = ''): Promise<string[]> {
  const answer = await me.get<Suppression[]>(`/suppressions${query}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body.map((each) => `${each.email} ${each.reason}`);
}

it('an address is put on the list, by hand unless told otherwise', async () => {
  const made = await add({ email: ' Gone@Example.COM ' });
  expectShape(Suppression, made);
  expect(made).toMatchObject({ email: 'gone@example.com', reason: 'manual', note: null });
  expect(await found()).toEqual(['gone@example.com manual']);
});

it('reasons of one address stack, and the same one again renews its note', async () => {
  const first = await add({ email: 'a@example.com', reason: 'bounce', note: 'first' });
  await add({ email: 'a@example.com', reason: 'complaint' });
  const again = await add({ email: 'A@example.com', reason: 'bounce', note: 'second' });
  expect(again).toMatchObject({ id: first.id, note: 'second' });
  expect(await add({ email: 'a@example.com', reason: 'bounce' })).toMatchObject({ note: 'second' });
  expect(await found()).toEqual(['a@example.com complaint', 'a@example.com bounce']);
});

it.each([
  [{}, ['Email is required']],
  [{ email: '' }, ['Email is required']],
  [{ email: 'nobody' }, ['Email is not a valid email address']],
  [{ email: 'Ada <a@example.com>' }, ['Email is not a valid email address']],
  [
    { email: 5, reason: 'x' },
    ['Email must be a string', 'Reason must be one of: bounce, complaint, unsubscribe, manual'],
  ],
  [
    { email: 'a@example.com', note: 'x'.repeat(1001) },
    ['Note is too long (maximum 1000 characters)'],
  ],
  [{ email: 'a@example.com', notes: 'x' }, ['Unknown field: notes; did you mean note?']],
])('%j is refused', async (body, faults) => {
  expect(faultsOf(await me.post('/suppressions', body))).toEqual(faults);
});

describe('the list', () => {
  beforeEach(async () => {
    await add({ email: 'ada_1@example.com', reason: 'bounce' });
    await add({ email: 'ada%2@example.com', reason: 'manual' });
    await add({ email: 'ada31@example.org', reason: 'manual' });
  });

  it.each([
    ['?reason=bounce', ['ada_1@example.com bounce']],
    ['?email=ADA_', ['ada_1@example.com bounce']],
    ['?email=%25', ['ada%2@example.com manual']],
    ['?email=%5C', []],
    ['?email=example.org&reason=manual', ['ada31@example.org manual']],
    ['?email=nobody', []],
  ])('is filtered by %s, letter by letter', async (query, expected) => {
    expect(await found(query)).toEqual(expected);
  });

  it('pages, and tells the way to the next page with its filters', async () => {
    const answer = await me.get<Suppression[]>('/suppressions?email=ada&per_page=2');
    expect(answer.body).toHaveLength(2);
    expect(answer.headers).toMatchObject({
      'x-total-count': '3',
      link: '</api/v1/suppressions?email=ada&per_page=2&page=2>; rel="next"',
    });
    expect(await found('?email=ada&per_page=2&page=2')).toEqual(['ada_1@example.com bounce']);
    expect(await found('?page=1000000')).toEqual([]);
  });

  it('refuses what it does not know', async () => {
    expect(faultsOf(await me.get('/suppressions?reason=x&mail=a&sort=1'))).toEqual([
      'Unknown field: mail; did you mean email?',
      'Unknown field: sort',
      'Reason must be one of: bounce, complaint, unsubscribe, manual',
    ]);
  });

  it('loses one reason at a time', async () => {
    const { id } = await add({ email: 'ada_1@example.com', reason: 'manual' });
    const headers = { 'content-type': 'application/json' };
    expect((await me.delete(`/suppressions/${id}`, { headers })).status).toBe(204);
    expect(await found('?email=ada_1')).toEqual(['ada_1@example.com bounce']);
    expect((await me.delete(`/suppressions/${id}`)).status).toBe(404);
  });
});

it('a suppressed recipient gets no mail until the last reason is gone', async () => {
  const mail = { from: 'a@example.com', to: 'Gone@example.com', subject: 'Hi', text: 'Hello' };
  const { id } = await add({ email: 'gone@example.com' });
  const first = await me.post<{ status: string }>('/emails', mail);
  expect([first.status, first.body.status]).toEqual([202, 'suppressed']);
  await me.delete(`/suppressions/${id}`);
  expect((await me.post<{ status: string }>('/emails', mail)).body.status).toBe('queued');
});
