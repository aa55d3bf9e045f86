import type { ProviderConnection } from '@courierx/contract';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findClosedPort } from '../fakes/raw-server.ts';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

let database: TestDatabase;
let sink: SmtpSink;
let client: ApiClient;
const processes: ServerProcess[] = [];

beforeAll(async () => {
  [database, sink] = await Promise.all([createTestDatabase(), startSmtpSink()]);
  const env = { DATABASE_URL: database.url, ...testSecrets(), COURIERX_LOG_LEVEL: 'silent' };
  for (const role of ['api', 'worker', 'worker']) {
    processes.push(await startServerProcess({ ...env, COURIERX_ROLE: role }));
  }
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  await sink.close();
  await database.drop();
});
beforeEach(async () => {
  client = new ApiClient(processes[0]!.url);
  await client.signUp();
});

const connect = (body: object) =>
  client.ok<ProviderConnection>('POST', '/provider_connections', body);
const sendMany = (count: number) =>
  Promise.all(Array.from({ length: count }, async () => (await client.send()).id));

async function accountEventsOf(connectionId: string): Promise<string[]> {
  const own = new pg.Client({ connectionString: database.url });
  await own.connect();
  const text = `select type from account_events where data->>'connection_id' = $1 order by id`;
  const { rows } = await own.query<{ type: string }>(text, [connectionId]);
  await own.end();
  return rows.map(({ type }) => type);
}

describe('two workers on one database', () => {
  it('share a breaker: all mail arrives, and the account is told once', async () => {
    const port = await findClosedPort();
    const dead = await connect({ ...toSmtpConnection({ port }), priority: 1 });
    await connect({ ...toSmtpConnection(sink), priority: 2 });
    const ids = await sendMany(200);
    for (const id of ids) expect(await client.settled(id)).toMatchObject({ status: 'sent' });
    expect(ids.filter((id) => sink.copiesOf(id) !== 1)).toEqual([]);
    const shown = await client.ok<ProviderConnection>('GET', `/provider_connections/${dead.id}`);
    expect(shown.health).toMatchObject({ state: 'down', reason: 'connect failed' });
    expect(await accountEventsOf(dead.id)).toEqual(['connection.degraded']);
    const metrics = await (await fetch(`${processes[0]!.url}/metrics`)).text();
    expect(metrics).toMatch(
      /courierx_breaker_state\{provider="smtp",scope="connection",state="open"\} [1-9]/,
    );
    // What one worker found out, both heed: nothing more is tried on the dead one.
    const late = await sendMany(10);
    for (const id of late) {
      const email = await client.settled(id);
      expect(email.attempts.map((attempt) => attempt.provider_connection_id)).not.toContain(
        dead.id,
      );
    }
  }, 60_000);

  it('share a pace and a cap: none is sent beyond them, none fails', async () => {
    const paced = await connect({
      ...toSmtpConnection(sink),
      ...{ max_per_second: 20, max_per_day: 60 },
    });
    const startedAt = performance.now();
    const ids = await sendMany(80);
    const arrived = () => ids.filter((id) => sink.copiesOf(id) === 1).length;
    await waitFor(() => arrived() === 60, { what: '60 mails', timeoutMs: 60_000 });
    // Twenty in each of three seconds.
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
    await waitFor(
      async () => {
        const emails = await client.ok<{ id: string; status_reason: string | null }[]>(
          'GET',
          '/emails?status=queued&per_page=100',
        );
        const reason = 'its cap of 60 mails a day is used up';
        return (
          emails.length === 20 && emails.every((email) => email.status_reason?.includes(reason))
        );
      },
      { what: 'twenty mails to wait for another day', timeoutMs: 30_000 },
    );
    expect(arrived()).toBe(60);
    await client.ok('PATCH', `/provider_connections/${paced.id}`, { max_per_day: null });
    await waitFor(() => arrived() === 80, { what: 'the rest', timeoutMs: 60_000 });
    expect(ids.filter((id) => sink.copiesOf(id) !== 1)).toEqual([]);
  }, 120_000);
});
