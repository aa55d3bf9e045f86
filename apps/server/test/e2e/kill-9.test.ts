import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmailDetail } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const ROUNDS = 20;
const SENDERS = 16;

let sink: SmtpSink;
let dataDir: string;
let database: TestDatabase | null = null;
let env: Record<string, string>;
let server: ServerProcess | null = null;

beforeAll(async () => {
  sink = await startSmtpSink();
  dataDir = await mkdtemp(join(tmpdir(), 'courierx-kill-'));
  // With a DATABASE_URL of the run's own the server is killed beside it, else with its own database.
  const isShared = (process.env['DATABASE_URL'] ?? '') !== '';
  database = isShared ? await createTestDatabase() : null;
  env = {
    COURIERX_DATA_DIR: dataDir,
    ...(database && { DATABASE_URL: database.url, ...testSecrets() }),
  };
});
afterAll(async () => {
  await server?.stop();
  await sink.close();
  await database?.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** Sends without a pause until told to stop; every 202 is a promise to keep. */
async function sendUntil(client: ApiClient, isOver: () => boolean, accepted: string[]) {
  while (!isOver()) {
    try {
      const answer = await client.call<{ id: string }>('POST', '/emails', {
        from: 'hello@yourapp.example',
        to: 'user@example.com',
        subject: 'Hello',
        text: 'x'.repeat(1_000),
      });
      if (answer.status === 202) accepted.push(answer.body.id);
    } catch {
      // Killed before it answered: nothing was promised.
    }
  }
}

describe('kill -9 at random points under load', () => {
  it(`keeps every promise over ${ROUNDS} rounds`, async () => {
    const accepted: string[] = [];
    let token: string | null = null;
    for (let round = 0; round < ROUNDS; round += 1) {
      server = await startServerProcess(env);
      const client: ApiClient = new ApiClient(server.url, token);
      if (token === null) {
        await client.signUp();
        await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
        token = client.token;
      }
      let isOver = false;
      const senders = Array.from({ length: SENDERS }, () =>
        sendUntil(client, () => isOver, accepted),
      );
      await delay(150 + Math.random() * 700);
      await server.kill();
      isOver = true;
      await Promise.all(senders);
    }
    server = await startServerProcess(env);
    const client: ApiClient = new ApiClient(server.url, token);
    await waitFor(() => accepted.every((id) => sink.copiesOf(id) > 0), {
      timeoutMs: 120_000,
      what: `${accepted.length} accepted mails to reach the sink`,
    });
    const doubled = accepted.filter((id) => sink.copiesOf(id) > 1);
    let unexplained = 0;
    for (const id of doubled) {
      const email = await client.ok<EmailDetail>('GET', `/emails/${id}`);
      const unknowns = email.attempts.filter(({ outcome }) => outcome === 'unknown').length;
      if (sink.copiesOf(id) > 1 + unknowns) unexplained += 1;
    }
    const lost = accepted.filter((id) => sink.copiesOf(id) === 0).length;
    process.stdout.write(
      `kill -9: ${ROUNDS} kills, ${accepted.length} mails accepted, ${lost} lost, ` +
        `${doubled.length} sent twice after an unknown outcome, ${unexplained} unexplained\n`,
    );
    expect(accepted.length).toBeGreaterThan(ROUNDS);
    expect({ lost, unexplained }).toEqual({ lost: 0, unexplained: 0 });
    // Whatever was not promised may have been sent, but nothing may still be queued.
    await waitFor(
      async () => {
        const queued = await client.call<unknown[]>('GET', '/emails?status=queued');
        return queued.body.length === 0;
      },
      { timeoutMs: 60_000, what: 'the queue to be empty' },
    );
  }, 300_000);
});
