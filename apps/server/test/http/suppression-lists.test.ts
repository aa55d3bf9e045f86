import type { Suppression, SuppressionImport } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteExpiredSuppressions } from '../../src/services/suppressions/delete-expired.ts';
import { faultsOf } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let ada: SignedUp;
beforeAll(async () => {
  api = await createApiFixture();
});
beforeEach(async () => {
  ada = await api.signUp();
});
afterAll(() => api.close());

const TYPES = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
} as const;
type Upload = { as?: string; query?: string; accept?: string };

const upload = (payload: string | Buffer, { as = 'csv', query = '', accept }: Upload = {}) =>
  ada.post<SuppressionImport>(`/suppressions/import${query}`, undefined, {
    payload,
    headers: {
      'content-type': new Map(Object.entries(TYPES)).get(as) ?? as,
      ...(accept !== undefined && { accept }),
    },
  });
const list = async (query = '', who: SignedUp = ada) =>
  (await who.get<Suppression[]>(`/suppressions${query}`)).body;
const sendTo = async (to: string | string[], who: SignedUp = ada) =>
  (
    await who.post<{ status: string; recipients: { email: string; status: string }[] }>('/emails', {
      ...{ from: 'a@example.com', to, subject: 'x', text: 'x' },
    })
  ).body;

describe('an entry', () => {
  it('for a whole domain holds for every address there, and for no other domain', async () => {
    const added = await ada.post<Suppression>('/suppressions', { email: '*@Bücher.example' });
    expect(added).toMatchObject({ status: 201, body: { email: '*@xn--bcher-kva.example' } });
    const email = await sendTo(['Ada@bücher.example', 'b@news.bücher.example', 'c@example.com']);
    expect(email.recipients.map(({ status }) => status)).toEqual([
      ...['suppressed', 'queued', 'queued'],
    ]);
    expect((await sendTo('x@xn--bcher-kva.example')).status).toBe('suppressed');
    const stranger = await api.signUp();
    expect((await sendTo('x@xn--bcher-kva.example', stranger)).status).toBe('queued');
    await ada.delete(`/suppressions/${added.body.id}`);
    expect((await sendTo('x@xn--bcher-kva.example')).status).toBe('queued');
  });

  it.each(['*@', '*@nodot', '*@*', '*', 'a*@example.com@', '*@https://x.example'])(
    'is no address: %s',
    async (email) => {
      expect(faultsOf(await ada.post('/suppressions', { email }))).toEqual([
        'Email is not a valid email address',
      ]);
    },
  );

  it('with an expiry holds until then, and is taken off afterwards', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const entry = { email: 'a@example.com', expires_at: at };
    expect((await ada.post('/suppressions', entry)).body).toMatchObject({ expires_at: at });
    expect((await sendTo('a@example.com')).status).toBe('suppressed');
    await api.database.pool.query(
      `update suppressions set expires_at = now() - interval '1 second' where account_id = $1`,
      [ada.accountId],
    );
    expect((await sendTo('a@example.com')).status).toBe('queued');
    expect(await list()).toEqual([]);
    expect((await ada.get('/suppressions/counts')).body).toMatchObject({ total: 0 });
    await deleteExpiredSuppressions(api.database);
    const { rows } = await api.database.pool.query(
      'select 1 from suppressions where account_id = $1',
      [ada.accountId],
    );
    expect(rows).toEqual([]);
    const past = await ada.post('/suppressions', { ...entry, expires_at: '2020-01-01T00:00:00Z' });
    expect(faultsOf(past)).toEqual(['expires_at must be in the future']);
  });

  it('added again without an expiry stays for good', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    await ada.post('/suppressions', { email: 'a@example.com', note: 'one', expires_at: at });
    const again = await ada.post('/suppressions', { email: 'a@example.com' });
    expect(again.body).toMatchObject({ note: 'one', expires_at: null });
  });
});

describe('reasons', () => {
  it('stack: taking one off leaves the others, the last one brings the address back', async () => {
    for (const reason of ['bounce', 'complaint', 'manual']) {
      await ada.post('/suppressions', { email: 'a@example.com', reason });
    }
    const remove = (query: string) => ada.delete(`/suppressions?email=A@example.com${query}`);
    expect((await remove('&reason=bounce')).status).toBe(204);
    expect((await remove('&reason=bounce')).status).toBe(404);
    expect((await list()).map(({ reason }) => reason)).toEqual(['manual', 'complaint']);
    expect((await sendTo('a@example.com')).status).toBe('suppressed');
    expect((await remove('')).status).toBe(204);
    expect((await remove('')).status).toBe(404);
    expect((await sendTo('a@example.com')).status).toBe('queued');
  });

  it('are counted', async () => {
    await upload('a@example.com,bounce\nb@example.com,bounce\na@example.com,complaint\n');
    expect((await ada.get('/suppressions/counts')).body).toEqual({
      total: 3,
      by_reason: { bounce: 2, complaint: 1, unsubscribe: 0, manual: 0 },
    });
  });

  it('never lose an address without its name', async () => {
    await ada.post('/suppressions', { email: 'a@example.com' });
    expect((await ada.delete('/suppressions')).status).toBe(422);
    expect((await ada.delete('/suppressions?email=')).status).toBe(422);
    expect(faultsOf(await ada.delete('/suppressions?email=a+b@example.com'))).toEqual([
      'Email is not a valid email address; in a URL, + is written %2B',
    ]);
    expect((await ada.delete('/suppressions?email=*@example.com')).status).toBe(404);
    expect(await list()).toHaveLength(1);
  });
});

describe('the list', () => {
  it('is filtered by domain too', async () => {
    await upload('a@one.example\nb@one.example\n*@one.example\nc@two-one.example\na@x.one.example');
    const emails = async (query: string) => (await list(query)).map(({ email }) => email).sort();
    expect(await emails('?domain=ONE.example')).toEqual([
      ...['*@one.example', 'a@one.example', 'b@one.example'],
    ]);
    expect(await emails('?domain=one.example&email=b')).toEqual(['b@one.example']);
    expect(await emails('?domain=%25')).toEqual([]);
    expect(await list('?page=40')).toEqual([]);
  });
});

describe('POST /suppressions/import', () => {
  it('takes a CSV with named columns, quoted texts and all kinds of lines', async () => {
    const csv = [
      '\ufeffEmail,Reason,Note,Expires_At',
      'a@example.com,bounce,"said ""no"", twice",',
      'B@Example.com,,"two',
      'lines",2099-01-01T00:00:00Z',
      '*@spam.example,COMPLAINT,,',
    ].join('\r\n');
    const answer = await upload(csv, { query: '?reason=unsubscribe' });
    expect(answer).toMatchObject({
      status: 200,
      body: { done: true, lines: 3, imported: 3, updated: 0, skipped: 0, failed: 0, errors: [] },
    });
    const entries = await list();
    expect(entries.sort((one, other) => (one.email < other.email ? -1 : 1))).toMatchObject([
      { email: '*@spam.example', reason: 'complaint', note: null },
      { email: 'a@example.com', reason: 'bounce', note: 'said "no", twice', expires_at: null },
      { email: 'b@example.com', reason: 'unsubscribe', note: 'two\r\nlines' },
    ]);
  });

  it('takes a bare list of addresses, JSON lists and lines of JSON', async () => {
    expect((await upload('a@example.com\n\nb@example.com')).body).toMatchObject({ imported: 2 });
    const json = [
      'c@example.com',
      { email: 'd@example.com', reason: 'bounce', evidence: { a: 1 } },
    ];
    expect((await upload(JSON.stringify(json), { as: 'json' })).body).toMatchObject({
      imported: 2,
    });
    const wrapped = JSON.stringify({ suppressions: [{ email: 'e@example.com' }] });
    expect((await upload(wrapped, { as: 'json' })).body).toMatchObject({ imported: 1 });
    const lines = '"f@example.com"\n{"email":"g@example.com"}\n\n';
    expect((await upload(lines, { as: 'ndjson' })).body).toMatchObject({ imported: 2 });
    expect(await list('?email=d@')).toMatchObject([{ reason: 'bounce', evidence: { a: 1 } }]);
    expect(
      (await list())
        .map(({ email }) => email[0])
        .sort()
        .join(''),
    ).toBe('abcdefg');
  });

  it('reports each line that is none, by its number, and takes the rest', async () => {
    const csv = [
      'email,reason,expires_at',
      'a@example.com,bounce,',
      'nobody,bounce,',
      'b@example.com,because,',
      'c@example.com,,2020-01-01',
      'd@example.com,bounce,,more',
      ',bounce,',
      'e@exam"ple.com,bounce,',
      'f@example.com,bounce,',
    ].join('\n');
    const { body } = await upload(csv);
    expect(body).toMatchObject({ imported: 2, failed: 6 });
    expect(body.errors.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8]);
    const messages = body.errors.map(({ message }) => message);
    expect(messages[0]).toBe('"nobody" is not a valid email address');
    expect(messages[1]).toBe('Reason must be one of: bounce, complaint, unsubscribe, manual');
    expect(messages[2]).toMatch(/^expires_at must be a time in the future/);
    expect(messages[3]).toBe('The line has more than 3 columns');
    expect(messages[4]).toBe('An empty email is not a valid email address');
    expect(messages[5]).toMatch(/not valid/);
    expect((await list()).map(({ email }) => email).sort()).toEqual([
      ...['a@example.com', 'f@example.com'],
    ]);
    const ndjson = '{"email":"g@example.com"}\n{"email":\n7\n{"email":"h@example.com","nope":1}\n';
    expect((await upload(ndjson, { as: 'ndjson' })).body).toMatchObject({
      imported: 1,
      errors: [
        { line: 2, message: 'The line is not valid JSON' },
        { line: 3, message: 'It must be an address or an object with an email' },
        { line: 4, message: 'Unknown field: nope' },
      ],
    });
  });

  it('says what was there: changed, or as it is; and never ends an entry sooner', async () => {
    await ada.post('/suppressions', { email: 'a@example.com', reason: 'bounce', note: 'old' });
    const csv = [
      'email,reason,note,expires_at',
      'a@example.com,bounce,new,2099-01-01T00:00:00Z',
      'a@example.com,manual,,',
      'a@example.com,manual,,',
    ].join('\n');
    expect((await upload(csv)).body).toMatchObject({ imported: 1, updated: 1, skipped: 1 });
    expect((await upload(csv)).body).toMatchObject({ imported: 0, updated: 0, skipped: 3 });
    expect(await list('?reason=bounce')).toMatchObject([{ note: 'new', expires_at: null }]);
  });

  it('keeps to the account of the caller', async () => {
    const stranger = await api.signUp();
    await upload('a@example.com');
    expect(await list('', stranger)).toEqual([]);
    expect((await stranger.delete('/suppressions?email=a@example.com')).status).toBe(404);
    const text = (await stranger.get('/suppressions/export')).text;
    expect(text).not.toContain('a@example.com');
    expect(await list()).toHaveLength(1);
  });

  it.each([
    ['email,status\na@example.com,x', 'csv', 422, /Unknown column: status; columns are email/],
    ['name\nx', 'csv', 422, /must name a column email/],
    ['email,email\na,b', 'csv', 422, /named twice/],
    ['{"email":"a@example.com"}', 'json', 422, /must be a list/],
    ['[', 'json', 400, /not valid JSON/],
    ['a@example.com', 'text/plain', 415, /text\/csv, application\/json or application\/x-ndjson/],
  ])('refuses %j as %s', async (...[payload, as, status, message]) => {
    const answer = await upload(payload, { as });
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(message);
    expect(await list()).toEqual([]);
  });

  it('is for those who may change the list', async () => {
    for (const over of [{ role: 'read' }, { role: 'send' }, { mode: 'test' }]) {
      const key = await ada.post<{ raw_key: string }>('/api_keys', { name: 'k', ...over });
      const answer = await api.caller(key.body.raw_key).post('/suppressions/import', undefined, {
        payload: 'a@example.com',
        headers: { 'content-type': 'text/csv' },
      });
      expect(answer.status).toBe(403);
    }
    expect(await list()).toEqual([]);
  });

  it('tells of its progress line by line where that is asked for', async () => {
    const csv = Array.from({ length: 4_500 }, (_, index) => `user${index}@example.com`).join('\n');
    const answer = await upload(`${csv}\nnobody`, { accept: 'application/x-ndjson' });
    const steps = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SuppressionImport);
    expect(steps.map(({ imported, done }) => [imported, done])).toEqual([
      ...[
        [2_000, false],
        [4_000, false],
        [4_500, true],
      ],
    ]);
    expect(steps.at(-1)).toMatchObject({ lines: 4_501, failed: 1, errors: [{ line: 4_501 }] });
    const found = await ada.get('/suppressions?per_page=1');
    expect(found.headers['x-total-count']).toBe('4500');
  });
});

describe('GET /suppressions/export', () => {
  it('gives in CSV what an import takes back whole', async () => {
    const at = '2099-01-01T00:00:00.000Z';
    const evidence = { event_id: 'e1', detail: 'a "b", c' };
    const json = [
      { email: 'a@example.com', reason: 'bounce', note: '=1+1,"x"\ny', evidence },
      { email: 'b@example.com', reason: 'manual', expires_at: at },
      { email: '*@example.com', reason: 'complaint' },
    ];
    await upload(JSON.stringify(json), { as: 'json' });
    const shape = async (who: SignedUp) =>
      (await list('', who))
        .map(({ id: _id, ...entry }) => entry)
        .sort((one, other) => (one.email < other.email ? -1 : 1));
    const before = await shape(ada);
    const exported = await ada.get('/suppressions/export?format=csv');
    expect(exported.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="suppressions.csv"',
    });
    ada = await api.signUp();
    expect((await upload(exported.text)).body).toMatchObject({ imported: 3, failed: 0 });
    expect(await shape(ada)).toEqual(before);
    for (const as of ['json', 'ndjson'] as const) {
      const { text } = await ada.get(`/suppressions/export?format=${as}`);
      ada = await api.signUp();
      expect((await upload(text, { as })).body, as).toMatchObject({ imported: 3, failed: 0 });
      expect(await shape(ada)).toEqual(before);
    }
  });

  it('filters, pages through any number, and is an empty list where there is nothing', async () => {
    expect((await ada.get('/suppressions/export?format=json')).body).toEqual([]);
    const csv = Array.from({ length: 4_100 }, (_, index) => `user${index}@example.com`).join('\n');
    await upload(csv, { query: '?reason=bounce' });
    await upload('x@other.example');
    const { body } = await ada.get<Suppression[]>('/suppressions/export?format=json&reason=bounce');
    expect(new Set(body.map(({ email }) => email)).size).toBe(4_100);
    const filtered = await ada.get('/suppressions/export?domain=other.example');
    expect(filtered.text.split('\r\n')).toHaveLength(3);
    expect(faultsOf(await ada.get('/suppressions/export?format=xml'))).toHaveLength(1);
  });
});
