import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProviderConnection, WebhookSetupAnswer } from '@courierx/contract';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { hasPostfix, startPostfix, type Postfix } from '../support/postfix.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const isHere = await hasPostfix();
if (!isHere) {
  process.stderr.write('Postfix tests are NOT run: it is not installed, or this is not root\n');
}

const MAX_BYTES = 200_000;

type Arrived = { readonly from: string; readonly to: readonly string[]; readonly raw: Buffer };

let directory: string;
let database: TestDatabase;
let server: ServerProcess;
let postfix: Postfix;
let client: ApiClient;
let connection: ProviderConnection;
const arrived: Arrived[] = [];

/** The receiving side: knows everybody but `gone@`. */
const receiver = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  onRcptTo({ address }, _session, done) {
    if (!address.startsWith('gone@')) done();
    else done(Object.assign(new Error('5.1.1 no such user here'), { responseCode: 550 }));
  },
  onData(stream, { envelope }, done) {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      arrived.push({
        from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
        to: envelope.rcptTo.map(({ address }) => address),
        raw: Buffer.concat(chunks),
      });
      done();
    });
  },
});

describe.runIf(isHere)('through a real Postfix', () => {
  beforeAll(async () => {
    receiver.on('error', () => undefined);
    receiver.listen(0, '127.0.0.1');
    await once(receiver.server, 'listening');
    directory = await mkdtemp(join(tmpdir(), 'courierx-postfix-'));
    postfix = await startPostfix(directory, {
      relayPort: (receiver.server.address() as AddressInfo).port,
      settings: [
        `message_size_limit = ${MAX_BYTES}`,
        'smtpd_recipient_restrictions = check_recipient_access inline:{barred@example.com=REJECT}, permit_mynetworks, reject',
      ],
    });
    database = await createTestDatabase();
    server = await startServerProcess({ DATABASE_URL: database.url, ...testSecrets() });
    client = new ApiClient(server.url);
    await client.signUp();
    connection = await client.ok('POST', '/provider_connections', {
      provider: 'smtp',
      smtp_host: '127.0.0.1',
      smtp_port: postfix.port,
      smtp_tls: 'none',
    });
  }, 120_000);

  afterAll(async () => {
    await server.stop();
    await postfix.stop();
    await new Promise<void>((resolve) => receiver.close(() => resolve()));
    await database.drop();
    await rm(directory, { recursive: true, force: true });
  });

  const arrivalOf = (id: string) =>
    waitFor(() => arrived.find(({ raw, from }) => from !== '' && raw.includes(id)), {
      timeoutMs: 30_000,
      what: 'the mail to arrive',
    });
  const untilStatus = (id: string, status: string) =>
    waitFor(
      async () => {
        const mail = await client.email(id);
        return mail.status === status && mail;
      },
      { timeoutMs: 30_000, what: `a mail that is ${status}` },
    );

  it('a connection is verified, and everything of a mail arrives as it was', async () => {
    expect(connection.status).toBe('verified');
    const file = Buffer.from(Array.from({ length: 3_000 }, (_, index) => index % 256));
    const { id } = await client.send({
      from: { email: 'hello@yourapp.example', name: 'Zoë, 田中' },
      to: [{ email: 'ada@example.com', name: 'Ada' }],
      cc: 'cc@example.com',
      bcc: 'hidden@example.com',
      subject: 'Grüße ✅',
      text: `A line that begins with a dot:\n.\n..two\n${'long '.repeat(400)}`,
      html: '<p>Größe</p>',
      headers: { 'X-Order': '42' },
      attachments: [
        {
          filename: 'naïve.bin',
          content: file.toString('base64'),
          content_type: 'application/octet-stream',
        },
      ],
    });
    const mail = await arrivalOf(id);
    expect(mail.to.toSorted()).toEqual(['ada@example.com', 'cc@example.com', 'hidden@example.com']);
    const parsed = await simpleParser(mail.raw);
    expect(parsed.subject).toBe('Grüße ✅');
    expect(parsed.from?.value).toEqual([{ address: 'hello@yourapp.example', name: 'Zoë, 田中' }]);
    expect(parsed.text?.startsWith('A line that begins with a dot:\n.\n..two\n')).toBe(true);
    expect(parsed.headers.get('x-order')).toBe('42');
    expect(parsed.headers.has('bcc')).toBe(false);
    expect(parsed.attachments[0]?.filename).toBe('naïve.bin');
    expect(parsed.attachments[0]?.content.equals(file)).toBe(true);
  });

  it('one recipient it refuses keeps the mail from nobody else', async () => {
    const { id } = await client.send({ to: ['barred@example.com', 'bob@example.com'] });
    expect((await arrivalOf(id)).to).toEqual(['bob@example.com']);
    await client.waitForAttempt(id);
    const mail = await client.email(id);
    expect(mail.attempts).toHaveLength(1);
    const statuses = mail.recipients.map(({ email, status }) => [email, status]);
    expect(Object.fromEntries(statuses)).toMatchObject({ 'bob@example.com': 'sent' });
    expect(statuses).not.toContainEqual(['barred@example.com', 'sent']);
  });

  it('its own bounce, posted as it is, marks the mail and suppresses the address', async () => {
    const setup = await client.ok<WebhookSetupAnswer>(
      'POST',
      `/provider_connections/${connection.id}/setup_webhook`,
    );
    const { id } = await client.send({ to: 'gone@example.com' });
    await untilStatus(id, 'sent');
    const bounce = await waitFor(
      () =>
        arrived.find(({ from, raw }) => from === '' && raw.includes('report-type=delivery-status')),
      { timeoutMs: 60_000, what: "Postfix's bounce" },
    );
    const answer = await fetch(new URL(new URL(connection.webhook_url).pathname, server.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${setup.webhook_setup.webhook_secret ?? ''}`,
        'content-type': 'message/rfc822',
      },
      body: new Uint8Array(bounce.raw),
    });
    expect(answer.status).toBe(200);
    const mail = await untilStatus(id, 'bounced');
    expect(mail.events.map(({ event_type: type }) => type).toSorted()).toEqual(['bounced', 'sent']);
    const list = await client.ok<{ email: string; reason: string }[]>('GET', '/suppressions');
    expect(list).toMatchObject([{ email: 'gone@example.com', reason: 'bounce' }]);
  });

  it('a mail larger than it takes is told so, and tried nowhere in vain', async () => {
    const { id } = await client.send({ text: 'x'.repeat(100).concat('\n').repeat(4_000) });
    await client.waitForAttempt(id);
    const mail = await client.email(id);
    expect(mail.attempts[0]?.outcome).not.toBe('accepted');
    expect(mail.attempts[0]?.detail).toMatch(/size|large|exceeds/i);
  });
});
