import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmailDetail, ProviderConnection } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createCertificates, type TestCertificates } from '../fakes/certificates.ts';
import { findClosedPort, startBlackHole } from '../fakes/raw-server.ts';
import {
  startScriptedSmtp,
  type ScriptedSmtp,
  type ScriptedSmtpOptions,
  type SmtpScript,
} from '../fakes/scripted-smtp.ts';
import { SENDGRID_KEY, startFakeSendGrid, type FakeSendGrid } from '../fakes/sendgrid.ts';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection, type SmtpSink } from '../support/smtp-sink.ts';

let database: TestDatabase;
let certificates: TestCertificates;
let directory: string;
let server: ServerProcess;
let backup: SmtpSink;
let client: ApiClient;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  [database, certificates, backup, directory] = await Promise.all([
    createTestDatabase(),
    createCertificates(),
    startSmtpSink(),
    mkdtemp(join(tmpdir(), 'courierx-failover-')),
  ]);
  const authority = join(directory, 'authority.pem');
  await writeFile(authority, certificates.authority.cert);
  server = await startServerProcess({
    DATABASE_URL: database.url,
    NODE_EXTRA_CA_CERTS: authority,
    ...testSecrets(),
  });
});
afterAll(async () => {
  await server.stop();
  await Promise.all([backup.close(), ...closing.map((close) => close())]);
  await database.drop();
  await rm(directory, { recursive: true, force: true });
});

beforeEach(async () => {
  client = new ApiClient(server.url);
  await client.signUp();
});

const connect = (over: object) =>
  client.ok<ProviderConnection>('POST', '/provider_connections', over);
const connectBackup = () =>
  connect({ ...toSmtpConnection(backup), display_name: 'Backup', priority: 2 });

async function smtpPrimary(options: ScriptedSmtpOptions = {}): Promise<ScriptedSmtp> {
  const smtp = await startScriptedSmtp(options);
  closing.push(() => smtp.close());
  const tls = options.implicit ? 'implicit' : options.tls ? 'starttls' : 'none';
  await connect({
    provider: 'smtp',
    display_name: 'Primary',
    priority: 1,
    smtp_host: 'localhost',
    smtp_port: smtp.port,
    smtp_tls: tls,
    ...(options.login && { api_key: options.login.user, secret: options.login.pass }),
  });
  return smtp;
}

async function sendGridPrimary(): Promise<FakeSendGrid> {
  const sendGrid = await startFakeSendGrid();
  closing.push(() => sendGrid.close());
  const credentials = { api_key: SENDGRID_KEY, endpoint: sendGrid.url };
  await connect({ provider: 'sendgrid', display_name: 'Primary', priority: 1, ...credentials });
  return sendGrid;
}

/** Where a port is taken over by something else after the connection was made. */
async function unverifiedPrimary(port: number): Promise<void> {
  const made = await connect({
    ...toSmtpConnection({ port }),
    display_name: 'Primary',
    priority: 1,
  });
  expect(made.status).toBe('unverified');
}

/** Sends one mail and expects exactly one copy, by the backup, and a timeline that says why. */
async function expectFailover(reason: string, outcome = 'failed'): Promise<EmailDetail> {
  await connectBackup();
  const { id } = await client.send();
  const email = await client.settled(id);
  expect(email.status).toBe('sent');
  expect(email.attempts).toMatchObject([
    { provider_connection_name: 'Primary', outcome, reason },
    { provider_connection_name: 'Backup', outcome: 'accepted', reason: null },
  ]);
  expect(email.attempts[1]?.trace).toEqual([
    'Primary: passed over, tried just before',
    'Backup: used',
  ]);
  expect(backup.copiesOf(id)).toBe(1);
  return email;
}

const at =
  (stage: string, reply: string, thenClose = false): SmtpScript =>
  (moment) =>
    moment.stage === stage ? { reply, thenClose } : undefined;

describe('the second connection delivers, once, when the first', () => {
  it('refuses the connection', async () => {
    await unverifiedPrimary(await findClosedPort());
    await expectFailover('connect_failed');
  });

  it('swallows the connection', async () => {
    const hole = await startBlackHole();
    closing.push(() => hole.close());
    await unverifiedPrimary(hole.port);
    await expectFailover('connect_timeout');
  });

  it('greets with 421', async () => {
    const smtp = await smtpPrimary();
    smtp.script(at('greeting', '421 4.3.2 closing down', true));
    await expectFailover('server_error');
  });

  it('answers 451 after DATA', async () => {
    const smtp = await smtpPrimary();
    smtp.script(at('message', '451 4.3.0 try again'));
    const email = await expectFailover('server_error');
    expect(email.attempts[0]).toMatchObject({ status_code: 451, detail: '451 4.3.0 try again' });
    expect(smtp.ledger).toEqual([]);
  });

  it('greets with 554', async () => {
    const smtp = await smtpPrimary();
    smtp.script(at('greeting', '554 5.7.1 your address is blocked', true));
    await expectFailover('policy_blocked');
  });

  it('breaks the connection in the middle of the message', async () => {
    const smtp = await smtpPrimary();
    smtp.script(({ stage }) => (stage === 'rcpt' ? { do: 'reset' } : undefined));
    await expectFailover('connection_lost');
    expect(smtp.ledger).toEqual([]);
  });

  it.each([500, 502, 503])('answers HTTP %d', async (status) => {
    const sendGrid = await sendGridPrimary();
    sendGrid.always({ do: 'answer', status });
    await expectFailover('server_error');
  });

  it('answers 429 with Retry-After, and is left alone until then', async () => {
    const sendGrid = await sendGridPrimary();
    sendGrid.always({ do: 'answer', status: 429, headers: { 'retry-after': '120' } });
    await expectFailover('rate_limited');
    const { id } = await client.send();
    const next = await client.settled(id);
    expect(next.attempts).toHaveLength(1);
    expect(next.attempts[0]?.trace[0]).toMatch(/^Primary: passed over, rate limited, until /);
    expect(sendGrid.requests.filter((line) => line.startsWith('POST'))).toHaveLength(1);
    const [primary] = await client.ok<ProviderConnection[]>('GET', '/provider_connections');
    expect(primary?.pause_reason).toBe('rate limited');
  });

  it.each(['implicit', 'starttls'] as const)('shows a bad certificate (%s)', async (mode) => {
    const options = { tls: certificates.server, implicit: mode === 'implicit' };
    const good = await smtpPrimary(options);
    await good.close();
    closing.pop();
    // The same port, now with a certificate nobody signed: a broken renewal.
    const bad = await startScriptedSmtp({ ...options, tls: certificates.selfSigned });
    closing.push(() => bad.close());
    const [primary] = await client.ok<ProviderConnection[]>('GET', '/provider_connections');
    await database.query(
      `update connections set settings = settings || $1::jsonb, version = version + 1 where id = $2`,
      [JSON.stringify({ smtp_port: bad.port }), primary?.id],
    );
    await expectFailover('tls_failed');
    expect(bad.ledger).toEqual([]);
  });
});

describe('an answer that never comes', () => {
  it('after the whole message is unknown, and the next connection sends it', async () => {
    const smtp = await smtpPrimary();
    smtp.script(({ stage }) => (stage === 'message' ? { do: 'reset', take: true } : undefined));
    const email = await expectFailover('connection_lost', 'unknown');
    expect(smtp.ledger).toHaveLength(1);
    expect(email.message_id).toContain(email.id);
  });

  it('is held where the account says so', async () => {
    const sendGrid = await sendGridPrimary();
    await connectBackup();
    await client.ok('PATCH', '/auth/me', { on_unknown: 'hold' });
    sendGrid.always({ do: 'reset', take: true });
    const { id } = await client.send();
    await expect(client.settled(id, 2_000)).rejects.toThrow();
    const email = await client.ok<EmailDetail>('GET', `/emails/${id}`);
    expect(email).toMatchObject({ status: 'queued', next_attempt_at: email.deadline_at });
    expect(email.status_reason).toMatch(/^It may have been sent/);
    expect(backup.copiesOf(id)).toBe(0);
  });
});

describe('what stops at once', () => {
  it('is an invalid recipient, by SMTP', async () => {
    const smtp = await smtpPrimary();
    await connectBackup();
    smtp.script(at('rcpt', '550 5.1.1 no such user'));
    const { id } = await client.send();
    const email = await client.settled(id);
    expect(email).toMatchObject({ status: 'failed', attempts: [{ reason: 'invalid_recipient' }] });
    expect(email.events).toMatchObject([{ event_type: 'failed', recipient: 'user@example.com' }]);
    expect(backup.copiesOf(id)).toBe(0);
  });

  it('is an invalid recipient, by HTTP', async () => {
    const sendGrid = await sendGridPrimary();
    await connectBackup();
    const error = {
      message: 'Does not contain a valid address.',
      field: 'personalizations.0.to.0.email',
    };
    sendGrid.script({ do: 'answer', status: 400, body: { errors: [error] } });
    const email = await client.settled((await client.send()).id);
    expect(email).toMatchObject({ status: 'failed', attempts: [{ reason: 'invalid_recipient' }] });
  });

  it.each(['smtp', 'sendgrid'])(
    'are credentials refused by %s; the next mail goes round it',
    async (name) => {
      if (name === 'smtp') {
        const smtp = await smtpPrimary({ login: { user: 'user', pass: 'password' } });
        smtp.script(at('auth', '535 5.7.8 bad credentials'));
      } else {
        const sendGrid = await sendGridPrimary();
        const message = 'The provided authorization grant is invalid, expired, or revoked';
        sendGrid.always({
          do: 'answer',
          status: 401,
          body: { errors: [{ message, field: null }] },
        });
      }
      await connectBackup();
      const stopped = await client.settled((await client.send()).id);
      expect(stopped).toMatchObject({ status: 'failed', attempts: [{ reason: 'auth_failed' }] });
      const { id } = await client.send();
      const next = await client.settled(id);
      expect(next).toMatchObject({ status: 'sent', attempts: [{ outcome: 'accepted' }] });
      expect(next.attempts[0]?.trace[0]).toBe(
        'Primary: passed over, the provider refuses its credentials',
      );
      const [primary] = await client.ok<ProviderConnection[]>('GET', '/provider_connections');
      expect(primary?.status).toBe('invalid');
    },
  );
});

describe('deleting and disabling', () => {
  it.each(['delete', 'disable'])(
    'a connection that mail waits for: %s sends it by another',
    async (how) => {
      const sendGrid = await sendGridPrimary();
      sendGrid.always({ do: 'answer', status: 429, headers: { 'retry-after': '3000' } });
      const { id } = await client.send();
      await client.waitForAttempt(id);
      const [primary] = await client.ok<ProviderConnection[]>('GET', '/provider_connections');
      const path = `/provider_connections/${primary?.id ?? ''}`;
      if (how === 'delete') await client.ok('DELETE', path);
      else await client.ok('PATCH', path, { enabled: false });
      await connectBackup();
      expect(await client.settled(id)).toMatchObject({ status: 'sent' });
      expect(backup.copiesOf(id)).toBe(1);
    },
  );
});
