import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const COMMAND = fileURLToPath(new URL('../../bin/courierx.js', import.meta.url));
const run = promisify(execFile);

let database: TestDatabase;
let server: ServerProcess;
let env: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  env = { ...testSecrets(), DATABASE_URL: database.url };
  server = await startServerProcess(env);
});
afterAll(async () => {
  await server.stop();
  await database.drop();
});

const courierx = (...args: string[]) =>
  run(process.execPath, [COMMAND, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env } });

it('lists accounts and sets their limits beside a server that is running', async () => {
  const client = new ApiClient(server.url);
  await client.signUp();
  const { account } = await client.ok<{ account: { id: string; email: string } }>(
    'GET',
    '/auth/me',
  );
  const listed = await courierx('accounts', 'list', '--json');
  expect(JSON.parse(listed.stdout)).toMatchObject([
    { id: account.id, email: account.email, rate_limit_per_minute: null },
  ]);
  const set = await courierx('accounts', 'set-limit', account.email, '4321');
  expect(set.stdout).toContain('4321 a minute');
  await waitFor(
    async () => (await client.call('GET', '/auth/me')).headers.get('x-ratelimit-limit') === '4321',
    { what: 'the limit to count' },
  );
  const back = await courierx('accounts', 'set-limit', account.id, 'default', '--json');
  expect(JSON.parse(back.stdout)).toMatchObject({ rate_limit_per_minute: null });
  const log = await client.ok('GET', '/audit_log?actor=operator');
  expect(log).toMatchObject([
    { action: 'account.limit_changed', detail: { rate_limit_per_minute: null } },
    { action: 'account.limit_changed', detail: { rate_limit_per_minute: 4321 } },
  ]);
});

it('gives a new password to one who has lost theirs, and ends their sessions', async () => {
  const client = new ApiClient(server.url);
  const [email, password] = ['Grace@example.com', 'which nobody remembers'];
  const { token } = await client.ok<{ token: string }>('POST', '/auth/register', {
    ...{ name: 'Grace', email, password, password_confirmation: password },
  });
  const session = new ApiClient(server.url, token);
  expect((await session.call('GET', '/auth/me')).status).toBe(200);
  const { stdout } = await courierx('accounts', 'reset-password', email.toLowerCase(), '--json');
  const given = JSON.parse(stdout) as { email: string; password: string };
  expect(given).toEqual({ email, password: expect.stringMatching(/^[\w-]{20}$/) as unknown });
  await waitFor(async () => (await session.call('GET', '/auth/me')).status === 401, {
    what: 'the session to be over',
  });
  expect((await client.call('POST', '/auth/login', { email, password })).status).toBe(401);
  const next = await client.ok<{ token: string }>('POST', '/auth/login', given);
  const log = await new ApiClient(server.url, next.token).ok('GET', '/audit_log?actor=operator');
  expect(log).toMatchObject([{ action: 'account.password_changed', detail: {} }]);
});

it.each([
  [['reset-password', 'nobody@example.com'], 1, /There is no account nobody@example.com/],
  [['set-limit', 'nobody@example.com', '5'], 1, /There is no account nobody@example.com/],
  [['set-limit', 'nobody@example.com', '0'], 2, /whole number from 1/],
  [['set-limit', 'nobody@example.com', '1.5'], 2, /whole number from 1/],
  [['set-limit', 'nobody@example.com'], 2, /missing required argument/],
])('refuses %j', async (args, code, message) => {
  await expect(courierx('accounts', ...args)).rejects.toMatchObject({
    code,
    stderr: expect.stringMatching(message) as unknown,
  });
});

it('takes an upload that breaks off as far as it came, and goes on serving', async () => {
  const client = new ApiClient(server.url);
  await client.signUp();
  const abort = new AbortController();
  const lines = Array.from({ length: 5_000 }, (_, index) => `user${index}@example.com\n`).join('');
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(lines)),
  });
  // A stream is uploaded only so, which not every declaration of fetch knows.
  const upload = {
    method: 'POST',
    headers: { authorization: `Bearer ${client.token ?? ''}`, 'content-type': 'text/csv' },
    body,
    duplex: 'half' as const,
    signal: abort.signal,
  };
  const uploading = fetch(`${server.url}/api/v1/suppressions/import`, upload);
  await waitFor(
    async () => {
      const { headers } = await client.call('GET', '/suppressions?per_page=1');
      return Number(headers.get('x-total-count')) >= 4_000;
    },
    { what: 'the first batches' },
  );
  abort.abort();
  await expect(uploading).rejects.toThrow();
  const [entry] = await waitFor(
    async () => {
      const log = await client.ok<{ action: string; detail: object }[]>(
        'GET',
        '/audit_log?action=suppression.imported',
      );
      return log.length > 0 && log;
    },
    { what: 'the import to be on record' },
  );
  expect(entry?.detail).toMatchObject({ complete: false, imported: 4_000 });
  expect((await client.call('GET', '/auth/me')).status).toBe(200);
});
