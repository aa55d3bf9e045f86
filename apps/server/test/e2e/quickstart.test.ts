import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Email } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import { runShell } from '../support/run-shell.ts';
import { startServerProcess, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';
import { waitFor } from '../support/wait-for.ts';

let dataDir: string;
let server: ServerProcess;
let sink: SmtpSink;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'courierx-quickstart-'));
  sink = await startSmtpSink();
  server = await startServerProcess({ COURIERX_DATA_DIR: dataDir });
});
afterAll(async () => {
  await server.stop();
  await sink.close();
  await rm(dataDir, { recursive: true, force: true });
});

const here = (script: string) => script.replaceAll('http://127.0.0.1:4000', server.url);

describe('docs/quickstart.md, pasted block by block', () => {
  it('ends with a mail that failed over and was delivered', async () => {
    const text = await readFile(new URL('../../../../docs/quickstart.md', import.meta.url), 'utf8');
    const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
    expect(blocks.length).toBeGreaterThanOrEqual(6);
    const output = await runShell(here(blocks.join('\n')), { COURIERX_BASE_URL: server.url });
    expect(output).toMatch(/cxk_live_/);
    expect(output).toMatch(/attempt 1 {2}Primary \(sandbox\)\n.*failed in .*service unavailable/);
    expect(output).toMatch(/attempt 2 {2}Backup \(sandbox\)\n.*accepted/);
    expect(output).toMatch(/sent .*down@example\.test\n.*delivered .*down@example\.test/);
  });
});

describe('the published calls', () => {
  // As published, with the base URL changed and a mail server in place of SendGrid.
  const PUBLISHED = `
curl -s -X POST http://127.0.0.1:4000/api/v1/auth/register \\
-H "Content-Type: application/json" \\
-d '{
"name": "My App",
"email": "me@example.com",
"password": "your-password",
"password_confirmation": "your-password"
}'
echo`;
  const post = (path: string, token: string, body: object) =>
    runShell(
      here(
        `curl -s -X POST http://127.0.0.1:4000/api/v1${path} -H "Authorization: Bearer ${token}" ` +
          `-H "Content-Type: application/json" -d '${JSON.stringify(body)}'`,
      ),
    );

  it('bring the mail to a real mail server', async () => {
    const { token } = JSON.parse(await runShell(here(PUBLISHED))) as { token: string };
    const key = JSON.parse(await post('/api_keys', token, { name: 'My first key' })) as {
      raw_key: string;
    };
    const connection = await post('/provider_connections', key.raw_key, {
      provider: 'smtp',
      display_name: 'Primary',
      priority: 1,
      smtp_host: '127.0.0.1',
      smtp_port: sink.port,
      smtp_tls: 'none',
    });
    expect(JSON.parse(connection)).toMatchObject({ status: 'verified' });
    const sent = await post('/emails', key.raw_key, {
      from_email: 'hello@yourapp.com',
      to_email: 'user@example.com',
      subject: 'Hello from CourierX',
      html_body: '<h1>It works!</h1>',
    });
    const email = JSON.parse(sent) as Email;
    expect(email).toMatchObject({ status: 'queued', to_email: 'user@example.com', tags: [] });
    await waitFor(() => sink.copiesOf(email.id) > 0, { what: 'the mail at the server' });
    const mail = await sink.parse(email.id);
    expect(mail.subject).toBe('Hello from CourierX');
    expect(mail.html).toContain('<h1>It works!</h1>');
    expect(mail.from?.text).toBe('hello@yourapp.com');
    expect(mail.messageId).toBe(`<${email.id}@yourapp.com>`);
    const detail = await new ApiClient(server.url, key.raw_key).settled(email.id);
    expect(detail).toMatchObject({
      status: 'sent',
      events: [{ event_type: 'sent', provider: 'smtp' }],
    });
  });
});

describe('a second start on the same data', () => {
  it('still has everything', async () => {
    const client = new ApiClient(server.url);
    await client.signUp();
    await client.ok('POST', '/provider_connections', { provider: 'sandbox' });
    const { id } = await client.send();
    await client.settled(id);
    expect(await server.stop()).toBe(0);
    server = await startServerProcess({ COURIERX_DATA_DIR: dataDir });
    const again = new ApiClient(server.url, client.token);
    // What the provider said before the stop may be worked on after it.
    await waitFor(async () => (await again.email(id)).status === 'delivered', {
      what: 'the delivery to be told',
    });
    expect(await again.ok('GET', '/provider_connections')).toMatchObject([{ provider: 'sandbox' }]);
  });

  it('is refused while the first runs, with a message that says what to do', async () => {
    await expect(startServerProcess({ COURIERX_DATA_DIR: dataDir })).rejects.toThrow(
      /is using the data directory/,
    );
  });
});
