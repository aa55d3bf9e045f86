import type { EmailDetail } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

const SENDERS = 32;

let database: TestDatabase;
let sinks: SmtpSink[];
let client: ApiClient;
let connections: string[];
const processes: ServerProcess[] = [];
const allSinks: SmtpSink[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const env = { DATABASE_URL: database.url, ...testSecrets() };
  for (const role of ['api', 'worker', 'worker']) {
    processes.push(await startServerProcess({ ...env, COURIERX_ROLE: role }));
  }
});
afterAll(async () => {
  await Promise.all(processes.map((process) => process.stop()));
  // Only now: workers keep their sessions open for the next mail.
  await Promise.all(allSinks.map((sink) => sink.close()));
  await database.drop();
});
beforeEach(async () => {
  sinks = await Promise.all([startSmtpSink(), startSmtpSink(), startSmtpSink()]);
  allSinks.push(...sinks);
  client = new ApiClient(processes[0]!.url);
  await client.signUp();
  connections = [];
  for (const [index, sink] of sinks.entries()) {
    const body = { ...toSmtpConnection(sink), display_name: `Sink ${index + 1}` };
    const { id } = await client.ok<{ id: string }>('POST', '/provider_connections', body);
    connections.push(id);
  }
});

/** Sends `count` mails, `SENDERS` at a time, and returns their ids. */
async function sendMany(count: number, over: Record<string, unknown> = {}): Promise<string[]> {
  const ids: string[] = [];
  let left = count;
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      ids.push((await client.send(over)).id);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  return ids;
}

async function countSent(): Promise<number> {
  const answer = await client.call('GET', '/emails?status=sent&per_page=1');
  return Number(answer.headers.get('x-total-count'));
}

async function waitForSent(count: number): Promise<void> {
  const what = `${count} mails on record as sent`;
  try {
    await waitFor(async () => (await countSent()) === count, { timeoutMs: 60_000, what });
  } catch (error) {
    const queued = await client.ok<EmailDetail[]>('GET', '/emails?status=queued');
    const reasons = queued.map((email) => [email.status_reason, email.next_attempt_at]);
    throw new Error(`Still queued: ${JSON.stringify(reasons)}`, { cause: error });
  }
}

const taken = () => sinks.map((sink) => sink.mails.length);

function createRule(body: Record<string, unknown>): Promise<{ id: string }> {
  return client.ok('POST', '/routing_rules', { name: 'Rule', ...body });
}

describe('two workers on one database', () => {
  it('share mail out by weight', async () => {
    const [first, second, reserve] = connections;
    await createRule({
      strategy: 'weighted',
      connections: [
        { connection_id: first, weight: 70 },
        { connection_id: second, weight: 30 },
        { connection_id: reserve, failover_only: true, weight: 1_000 },
      ],
    });
    await sendMany(1_000);
    await waitForSent(1_000);
    const [a = 0, b = 0, c = 0] = taken();
    expect(a + b).toBe(1_000);
    expect(Math.abs(a - 700)).toBeLessThan(20);
    expect(c).toBe(0);
  }, 180_000);

  it('take even turns', async () => {
    const members = connections.map((id) => ({ connection_id: id }));
    await createRule({ strategy: 'round_robin', connections: members });
    await sendMany(900);
    await waitForSent(900);
    const counts = taken();
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThan(10);
  }, 180_000);

  it('send by the tag of the mail, with the rule in its trace', async () => {
    await createRule({ name: 'All', connections: [{ connection_id: connections[0] }] });
    await createRule({
      ...{ name: 'Bulk', match: { tag: 'bulk' } },
      connections: [{ connection_id: connections[2] }],
    });
    const [plain] = await sendMany(1);
    const [bulk] = await sendMany(1, { tags: ['bulk'] });
    const traceOf = async (id = '') => (await client.settled(id)).attempts[0]?.trace;
    expect(await traceOf(plain)).toEqual(['Rule "All": priority', 'Sink 1: used']);
    expect(await traceOf(bulk)).toEqual(['Rule "Bulk": priority', 'Sink 3: used']);
  });

  it('leave no mail stuck whatever is deleted or disabled under load', async () => {
    const members = connections.map((id) => ({ connection_id: id }));
    const rule = await createRule({ strategy: 'round_robin', connections: members });
    const isAt = (count: number) =>
      waitFor(async () => (await countSent()) >= count, { what: `${count} mails sent` });
    const sending = sendMany(2_000);
    await isAt(100);
    await client.ok('PATCH', `/provider_connections/${connections[0]}`, { enabled: false });
    await isAt(300);
    await client.ok('DELETE', `/provider_connections/${connections[1]}`);
    await isAt(500);
    await client.ok('DELETE', `/routing_rules/${rule.id}`);
    await isAt(700);
    const weighted = { strategy: 'weighted', connections: members.slice(2) };
    const { id } = await createRule(weighted);
    await client.ok('PATCH', `/provider_connections/${connections[2]}`, { enabled: false });
    // Nothing is left: what comes now waits, and says so.
    const waiting = await client.send();
    await waitFor(
      async () => {
        const email = await client.ok<EmailDetail>('GET', `/emails/${waiting.id}`);
        return email.status_reason?.includes('disabled');
      },
      { what: 'a mail that says why it waits', timeoutMs: 60_000 },
    );
    await client.ok('DELETE', `/provider_connections/${connections[2]}`);
    await client.ok('PATCH', `/routing_rules/${id}`, { name: 'Empty' });
    await client.ok('PATCH', `/provider_connections/${connections[0]}`, { enabled: true });
    const ids = await sending;
    await waitForSent(ids.length + 1);
    const copies = [...ids, waiting.id].map((mail) =>
      sinks.reduce((sum, sink) => sum + sink.copiesOf(mail), 0),
    );
    expect(copies.filter((count) => count !== 1)).toEqual([]);
  }, 240_000);
});
