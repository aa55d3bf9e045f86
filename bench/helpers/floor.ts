// The floor: a bare route that inserts the same rows in the same batches, and does nothing else.
import fastify from 'fastify';
import pg from 'pg';
import { startEmbeddedServer } from '../../apps/server/src/db/embedded/server.ts';
import { migrate } from '../../apps/server/src/db/migrate.ts';
import { createBatcher } from '../../apps/server/src/lib/batcher.ts';
import { newId } from '../../apps/server/src/lib/ids.ts';
import { acceptEmails, type NewEmail } from '../../apps/server/src/queue/accept-emails.ts';
import { ACCEPT_BATCHES } from '../../apps/server/src/services/emails/accept.ts';

const database = await startEmbeddedServer({ dataDir: process.argv[2] ?? '' });
await migrate({ ...database.connection, ssl: false });
const pool = new pg.Pool({ ...database.connection, ssl: false, max: 12 });
// The server's end, not ours to report.
pool.on('error', () => undefined);
const accountId = newId();
await pool.query(
  `insert into accounts (id, name, email, password_hash, data_key, data_key_master)
   values ($1, 'floor', 'floor@example.com', '', '', '')`,
  [accountId],
);
const batcher = createBatcher<NewEmail, string>({
  ...ACCEPT_BATCHES,
  run: async (batch) => {
    await acceptEmails(pool, batch);
    return batch.map(({ id }) => id);
  },
});
const app = fastify();
app.post('/api/v1/emails', async (request, reply) => {
  const body = request.body as { subject: string; html_body: string };
  const id = newId();
  await batcher.add({
    accountId,
    id,
    mode: 'live',
    messageId: `<${id}@yourapp.example>`,
    from: { address: 'hello@yourapp.example', name: null },
    replyTo: [],
    recipients: [{ type: 'to', address: 'user@example.com', name: null }],
    subject: body.subject,
    tags: ['order'],
    metadata: { user_id: 'usr_123' },
    html: body.html_body,
    text: null,
    headers: [],
    attachments: [],
    idempotencyKey: null,
  });
  return reply.status(202).send({ id });
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.((app.server.address() as { port: number }).port);
process.on('SIGTERM', () => {
  void app
    .close()
    .then(() => pool.end())
    .then(() => database.stop())
    .then(() => process.exit(0));
});
