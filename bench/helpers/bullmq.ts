// What many would build: Fastify takes the mail, BullMQ keeps it in Redis, nodemailer sends it.
import { Queue, Worker } from 'bullmq';
import fastify from 'fastify';
import { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';

type Mail = { from_email: string; to_email: string; subject: string; html_body: string };

const [socket = '', smtpPort = ''] = process.argv.slice(2);
const connect = () => new Redis({ path: socket, maxRetriesPerRequest: null });
const queue = new Queue<Mail>('mail', { connection: connect() });
const transport = createTransport({
  host: '127.0.0.1',
  port: Number(smtpPort),
  pool: true,
  maxConnections: 10,
  maxMessages: Number.POSITIVE_INFINITY,
  ignoreTLS: true,
});
const worker = new Worker<Mail>(
  'mail',
  async ({ id, data }) => {
    await transport.sendMail({
      from: data.from_email,
      to: data.to_email,
      subject: data.subject,
      html: data.html_body,
      headers: { 'X-CourierX-Email-Id': id ?? '' },
    });
  },
  { connection: connect(), concurrency: 64 },
);
const app = fastify();
app.post('/api/v1/emails', async (request, reply) => {
  const options = { attempts: 5, removeOnComplete: true };
  const { id } = await queue.add('send', request.body as Mail, options);
  return reply.status(202).send({ id });
});
await app.listen({ port: 0, host: '127.0.0.1' });
process.send?.((app.server.address() as { port: number }).port);
process.on('SIGTERM', () => {
  void app
    .close()
    .then(() => worker.close(true))
    .then(() => process.exit(0));
});
