import { connect, type AddressInfo } from 'node:net';
import type { AuditEntry, Suppression, SuppressionImport } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
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

const upload = (payload: string | Buffer, type = 'text/csv', headers = {}) =>
  ada.post<SuppressionImport>('/suppressions/import', undefined, {
    payload,
    headers: { 'content-type': type, ...headers },
  });
const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

describe('an uploaded list', () => {
  it('goes in whole beside a line that is no CSV', async () => {
    const emails = Array.from({ length: 5_000 }, (_, index) => `user${index}@example.com`);
    const csv = ['email,note', 'bad@example.com,"oops', ...emails].join('\n');
    expect((await upload(csv)).body).toMatchObject({
      ...{ lines: 5_001, imported: 5_000, failed: 1 },
      errors: [{ line: 2, message: expect.stringMatching(/not valid CSV/) as string }],
    });
    expect((await ada.get('/suppressions/counts')).body).toMatchObject({ total: 5_000 });
  });

  it('may come from a spreadsheet: semicolons, UTF-16, empty columns', async () => {
    const csv = '\ufeffEmail;Reason;Note;\r\na@example.com;bounce;x, y;\r\n';
    expect((await upload(Buffer.from(csv, 'utf16le'))).body).toMatchObject({ imported: 1 });
    const { body } = await ada.get<Suppression[]>('/suppressions');
    expect(body).toMatchObject([{ email: 'a@example.com', reason: 'bounce', note: 'x, y' }]);
  });

  it.each(['constructor', '__proto__', 'toString', 'text/constructor'])(
    'is refused for its type: %s',
    async (type) => {
      const answer = await upload('a@example.com', type);
      expect(answer.status).toBe(415);
    },
  );

  it('that breaks off is no outage, and what went in stays', async () => {
    await api.app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.app.server.address() as AddressInfo;
    const lines = Array.from({ length: 3_000 }, (_, index) => `user${index}@example.com\n`);
    const socket = connect(port, '127.0.0.1');
    socket.write(
      [
        'POST /api/v1/suppressions/import HTTP/1.1',
        ...['Host: x', 'Content-Type: text/csv', 'Content-Length: 1000000'],
        `Authorization: Bearer ${ada.token ?? ''}`,
        ...['', lines.join('')],
      ].join('\r\n'),
    );
    const total = async () => (await ada.get<{ total: number }>('/suppressions/counts')).body.total;
    await waitFor(async () => (await total()) === 2_000, { what: 'a batch to be in' });
    socket.destroy();
    const ended = async () => {
      const { body } = await ada.get<AuditEntry[]>('/audit_log?action=suppression.imported');
      return body[0];
    };
    const entry = await waitFor(ended, { what: 'the import to end' });
    expect(entry).toMatchObject({ detail: { imported: 2_000, complete: false } });
    expect(api.log.text()).not.toContain('unavailable');
  });

  it('of JSON may begin with a mark', async () => {
    const answer = await upload('\ufeff["a@example.com"]', 'application/json');
    expect(answer).toMatchObject({ status: 200, body: { imported: 1 } });
  });

  it('may hold anything: what is no entry is told, and nothing fails', async () => {
    const lines = [
      `{"email":${nested(9_000)}}`,
      `{"email":"a@example.com","note":${nested(9_000)}}`,
      `{"email":"a@example.com","evidence":${nested(2_500)}}`,
      `{"email":"a@example.com","evidence":${nested(21)}}`,
      `{"email":"a@example.com","note":{"a":1}}`,
      `{"email":"a@example.com","note":"x\\u0000"}`,
      `{"email":"a@example.com","created_at":"2026-02-31"}`,
      `{"email":"b@example.com","evidence":${nested(20)},"note":7}`,
    ];
    const { status, body } = await upload(lines.join('\n'), 'application/x-ndjson');
    expect(status).toBe(200);
    expect(body).toMatchObject({ imported: 1, failed: 7 });
    expect(body.errors.map(({ line, message }) => [line, message])).toEqual([
      [1, '"{…}" is not a valid email address'],
      [2, 'Note must be text of at most 1000 characters'],
      [3, 'Evidence must be a JSON object'],
      [4, 'Evidence must be a JSON object'],
      [5, 'Note must be text of at most 1000 characters'],
      [6, 'Note must be text of at most 1000 characters'],
      [7, expect.stringMatching(/^created_at must be a time/)],
    ]);
  });

  it('tells of every fault, however many, where its progress is asked for', async () => {
    const csv = Array.from({ length: 4_700 }, (_, index) => `nobody ${index}`);
    const answer = await upload(['a@example.com', ...csv].join('\n'), 'text/csv', {
      accept: 'application/x-ndjson',
    });
    const steps = answer.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as SuppressionImport);
    expect(steps.at(-1)).toMatchObject({ done: true, lines: 4_701, failed: 4_700 });
    expect(steps.at(-1)?.errors).toHaveLength(1_000);
    const all = steps.slice(0, -1).flatMap(({ errors }) => errors.map(({ line }) => line));
    expect(all).toEqual(csv.map((_, index) => index + 2));
  });
});
