import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const MAILS = 10_000;
const SENDERS = 64;

let database: TestDatabase;
let sink: SmtpSink;
const processes: ServerProcess[] = [];

beforeAll(async () => {
  [database, sink] = await Promise.all([createTestDatabase(), startSmtpSink()]);
  const env = { DATABASE_URL: database.url, ...testSecrets() };
  for (const role of ['api', 'worker', 'worker']) {
    processes.push(await startServerProcess({ ...env, COURIERX_ROLE: role }));
  }
}, 150_000);
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await sink.close();
  await database.drop();
});

describe('an api and two workers on one database', () => {
  it(`deliver ${MAILS} mails exactly once each`, async () => {
    const client = new ApiClient(processes[0]!.url);
    await client.signUp();
    await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
    const ids: string[] = [];
    let left = MAILS;
    const sender = async () => {
      while (left > 0) {
        left -= 1;
        ids.push((await client.send()).id);
      }
    };
    await Promise.all(Array.from({ length: SENDERS }, sender));
    await waitFor(() => sink.mails.length >= MAILS, {
      timeoutMs: 120_000,
      what: 'all mails at the sink',
    });
    await waitFor(
      async () => {
        const answer = await client.call('GET', '/emails?status=sent&per_page=1');
        return answer.headers.get('x-total-count') === String(MAILS);
      },
      { timeoutMs: 30_000, what: 'all mails on record as sent' },
    );
    const copies = ids.map((id) => sink.copiesOf(id));
    expect(copies.filter((count) => count !== 1)).toEqual([]);
    expect(sink.mails).toHaveLength(MAILS);
  }, 240_000);
});
