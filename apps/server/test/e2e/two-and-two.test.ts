import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmailDetail } from '@courierx/contract';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const MAILS = 2_000;
const SENDERS = 32;
/** Mails accepted by the time the first pair of processes is killed. */
const KILL_AT = MAILS / 4;

let database: TestDatabase;
let sink: SmtpSink;
let apis: ServerProcess[];
let workers: ServerProcess[];

beforeAll(async () => {
  [database, sink] = await Promise.all([createTestDatabase(), startSmtpSink()]);
  const env = { DATABASE_URL: database.url, ...testSecrets() };
  const start = (role: string) => startServerProcess({ ...env, COURIERX_ROLE: role });
  apis = [await start('api'), await start('api')];
  workers = [await start('worker'), await start('worker')];
});
afterAll(async () => {
  await Promise.all([...apis, ...workers].map((process) => process.stop()));
  await sink.close();
  await database.drop();
});

/** Sends one mail, with the same key again by the next api process until there is an answer. */
async function sendByAny(clients: readonly ApiClient[], n: number): Promise<string> {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      const client = clients[(n + tries) % clients.length]!;
      const { id } = await client.send({ metadata: { idempotency_key: `mail-${n}` } });
      return id;
    } catch {
      // Killed, before or after it had stored the mail.
    }
  }
  throw new Error(`Mail ${n} was never answered.`);
}

describe('two api processes and two workers on one database', () => {
  it('keep every promise when one of each is killed under load', async () => {
    const first = new ApiClient(apis[0]!.url);
    await first.signUp();
    await first.ok('POST', '/provider_connections', toSmtpConnection(sink));
    const clients = [first, new ApiClient(apis[1]!.url, first.token)];
    const ids: string[] = [];
    let next = 0;
    const sender = async () => {
      for (let n = next++; n < MAILS; n = next++) ids.push(await sendByAny(clients, n));
    };
    const sending = Promise.all(Array.from({ length: SENDERS }, sender));
    await waitFor(() => ids.length >= KILL_AT && sink.mails.length > 0, {
      timeoutMs: 60_000,
      what: 'the load to be on',
    });
    await Promise.all([apis[0]!.kill(), workers[0]!.kill()]);
    await sending;
    expect(new Set(ids).size).toBe(MAILS);

    await waitFor(() => ids.every((id) => sink.copiesOf(id) > 0), {
      timeoutMs: 120_000,
      what: 'every accepted mail at the sink',
    });
    const left = clients[1]!;
    await waitFor(
      async () => {
        const queued = await left.call<unknown[]>('GET', '/emails?status=queued');
        return queued.body.length === 0;
      },
      { timeoutMs: 60_000, what: 'the queue to be empty' },
    );
    for (const id of ids.filter((each) => sink.copiesOf(each) > 1)) {
      const { attempts } = await left.ok<EmailDetail>('GET', `/emails/${id}`);
      const unknown = attempts.filter(({ outcome }) => outcome === 'unknown').length;
      expect(sink.copiesOf(id)).toBeLessThanOrEqual(1 + unknown);
    }
    const accepted = new Set(ids);
    expect(sink.mails.filter(({ emailId }) => !accepted.has(emailId))).toEqual([]);
  }, 300_000);
});
