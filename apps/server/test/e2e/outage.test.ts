import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedServer, type EmbeddedServer } from '../../src/db/embedded/server.ts';
import { ApiClient } from '../support/api-client.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

let sink: SmtpSink;
const directories: string[] = [];

beforeAll(async () => {
  sink = await startSmtpSink();
});
afterAll(async () => {
  await sink.close();
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

async function makeDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `courierx-${name}-`));
  directories.push(directory);
  return directory;
}

const send = (client: ApiClient, key: string) =>
  client.call<{ id: string }>('POST', '/emails', {
    from: 'hello@yourapp.example',
    to: 'user@example.com',
    subject: 'Hello',
    text: 'x'.repeat(50_000),
    metadata: { idempotency_key: key },
  });

/** Sends with one key until it is taken, as a client that heeds Retry-After would. */
const sendUntilAccepted = (client: ApiClient, key: string) =>
  waitFor(
    async () => {
      const answer = await send(client, key).catch(() => null);
      return answer?.status === 202 && answer.body.id;
    },
    { timeoutMs: 60_000, what: 'the service to recover by itself' },
  );

describe('a stopped database', () => {
  let dataDir: string;
  let database: EmbeddedServer;
  let server: ServerProcess;

  beforeAll(async () => {
    dataDir = await makeDirectory('outage');
    database = await startEmbeddedServer({ dataDir });
    const { host, port, user, database: name } = database.connection;
    const url = `postgres://${user}@/${name}?host=${encodeURIComponent(host)}&port=${port}`;
    server = await startServerProcess({ DATABASE_URL: url, ...testSecrets() });
  });
  afterAll(async () => {
    await server.stop();
    await database.stop();
  });

  it('gives 503 with Retry-After on every call, stores nothing, and all goes on when it is back', async () => {
    const client = new ApiClient(server.url);
    await client.signUp();
    await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
    const before = await client.send();
    await database.stop();

    for (const [method, path, body] of [
      ['POST', '/auth/login', { email: 'a@example.com', password: 'x' }],
      ['GET', '/emails', undefined],
      ['GET', `/emails/${before.id}`, undefined],
      ['GET', '/api_keys', undefined],
      ['POST', '/suppressions', { email: 'a@example.com' }],
    ] as const) {
      const answer = await client.call<{ error: string }>(method, path, body);
      expect([path, answer.status]).toEqual([path, 503]);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(JSON.stringify(answer.body)).not.toMatch(/sock|ENOENT|postgres/i);
    }
    const refused = await send(client, 'outage');
    expect(refused.status).toBe(503);
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503);
    expect((await fetch(`${server.url}/health/live`)).status).toBe(200);

    database = await startEmbeddedServer({ dataDir });
    const id = await sendUntilAccepted(client, 'outage');
    expect(await client.settled(id)).toMatchObject({ status: 'sent' });
    // Should the stop have cut a claim in two, the mail comes back when its lease of 30 s ends.
    expect(await client.settled(before.id, 45_000)).toMatchObject({ status: 'sent' });
    expect(sink.copiesOf(id)).toBe(1);
    const stored = await client.call<unknown[]>('GET', '/emails');
    expect(stored.body).toHaveLength(2);
  }, 120_000);
});

/** A disk of our own, as far as this user may make one. */
function mountDisk(directory: string, megabytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

describe('a full disk', () => {
  it('gives 503, loses nothing that was accepted, and all goes on when there is room', async (context) => {
    const disk = await makeDirectory('disk');
    if (!mountDisk(disk, 256)) {
      context.skip('NOT RUN: this user may not mount a disk (needs root and the right to mount)');
    }
    const server = await startServerProcess({ COURIERX_DATA_DIR: join(disk, 'data') });
    try {
      const client = new ApiClient(server.url);
      await client.signUp();
      await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
      const filler = join(disk, 'filler');
      execFileSync('sh', ['-c', `cat /dev/zero > ${filler} 2>/dev/null || true`]);

      const accepted: string[] = [];
      const refused = await waitFor(
        async () => {
          const answer = await send(client, `full-${accepted.length}`);
          if (answer.status === 202) accepted.push(answer.body.id);
          return answer.status !== 202 && answer;
        },
        { timeoutMs: 60_000, what: 'the disk to be full' },
      );
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).not.toBeNull();

      await rm(filler);
      const id = await sendUntilAccepted(client, `full-${accepted.length}`);
      for (const each of [...accepted, id]) {
        expect(await client.settled(each, 60_000)).toMatchObject({ status: 'sent' });
        expect(sink.copiesOf(each)).toBeGreaterThanOrEqual(1);
      }
      const answer = await client.call('GET', '/emails?per_page=1');
      expect(answer.headers.get('x-total-count')).toBe(String(accepted.length + 1));
    } finally {
      await server.stop();
      execFileSync('umount', ['-l', disk]);
    }
  }, 180_000);
});

describe('the embedded database killed under the server', () => {
  it('comes back by itself, with everything that was accepted', async () => {
    const dataDir = await makeDirectory('killed');
    const server = await startServerProcess({ COURIERX_DATA_DIR: dataDir });
    try {
      const client = new ApiClient(server.url);
      await client.signUp();
      await client.ok('POST', '/provider_connections', toSmtpConnection(sink));
      const { id } = await client.send();
      const pid = Number.parseInt(
        execFileSync('head', ['-1', join(dataDir, 'postgres/postmaster.pid')]).toString(),
        10,
      );
      process.kill(pid, 'SIGKILL');
      const next = await sendUntilAccepted(client, 'killed');
      // What was taken by a process that outlived its postmaster is asked for while all is away.
      const isSent = async (emailId: string) =>
        (await client.email(emailId).catch(() => null))?.status === 'sent';
      for (const emailId of [next, id]) {
        await waitFor(() => isSent(emailId), { timeoutMs: 60_000, what: `${emailId} to be sent` });
      }
    } finally {
      await server.stop();
    }
  }, 120_000);
});

describe('a data directory that cannot be used', () => {
  it('stops the start with a message that says what to do', async () => {
    const directory = await makeDirectory('file');
    await writeFile(join(directory, 'data'), 'not a directory');
    await expect(
      startServerProcess({ COURIERX_DATA_DIR: join(directory, 'data') }),
    ).rejects.toThrow(/COURIERX_DATA_DIR/);
  });
});
