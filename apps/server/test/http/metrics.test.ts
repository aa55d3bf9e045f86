import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { waitFor } from '../support/wait-for.ts';

const MAIL = { from: 'a@example.com', to: 'delivered@example.test', subject: 'Hi', text: 'Hello' };

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
}, 60_000);
afterAll(() => server.close());

/** The value of one series; undefined where it is not there. */
const valueOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

/** Figures are remembered for some seconds, so that what is waited for may take as long. */
const untilMetrics = (what: string, check: (text: string) => boolean) =>
  waitFor(
    async () => {
      const text = await server.metrics();
      return check(text) && text;
    },
    { timeoutMs: 30_000, what },
  );

describe('the figures of a running server', () => {
  it('say what runs, how the database does, and for how long there are partitions', async () => {
    const text = await server.metrics();
    expect(text).toMatch(/^courierx_build_info\{version="\d+\.\d+\.\d+",role="all"\} 1$/m);
    expect(valueOf(text, 'courierx_database_up')).toBe(1);
    expect(valueOf(text, 'courierx_pool_connections_max')).toBe(12);
    expect(valueOf(text, 'courierx_pool_waiting')).toBe(0);
    expect(valueOf(text, 'courierx_pool_connections{state="in_use"}')).toBeGreaterThanOrEqual(0);
    // This month's and three more.
    expect(valueOf(text, 'courierx_partition_days_left')).toBeGreaterThan(85);
    expect(valueOf(text, 'courierx_event_inbox_requests')).toBe(0);
    expect(valueOf(text, 'courierx_event_inbox_oldest_seconds')).toBe(0);
    expect(valueOf(text, 'courierx_waiting_events')).toBe(0);
    expect(valueOf(text, 'courierx_webhook_backlog')).toBe(0);
    expect(valueOf(text, 'courierx_webhook_oldest_due_seconds')).toBe(0);
    const runs = 'courierx_task_runs_total{task="make-partitions",outcome="failed"}';
    expect(valueOf(text, runs)).toBe(0);
  });

  it('count the queue by state, with the age of what is due', async () => {
    const id = '00000000-0000-4000-8000-0000000000';
    const { pool } = server.store.database;
    await pool.query(
      `insert into accounts (id, name, email, password_hash, data_key, data_key_master, on_unknown)
       values ($1, 'Ada', 'hold@example.com', 'x', '', 'x', 'hold')`,
      [`${id}01`],
    );
    // What no worker takes: the deadline, a lease and a wait lie in the future.
    await pool.query(
      `insert into queue (account_id, email_id, run_at, lease, deadline) values
         ($1, $2, now() + interval '1 hour', null, now() + interval '2 hours'),
         ($1, $3, now() + interval '1 hour', gen_random_uuid(), now() + interval '2 hours'),
         ($1, $4, now() + interval '2 hours', null, now() + interval '2 hours')`,
      [`${id}01`, `${id}02`, `${id}03`, `${id}04`],
    );
    const text = await untilMetrics('three mails that are not due', (metrics) =>
      metrics.includes('courierx_queue_emails{state="held"} 1'),
    );
    expect(valueOf(text, 'courierx_queue_emails{state="waiting"}')).toBe(1);
    expect(valueOf(text, 'courierx_queue_emails{state="in_flight"}')).toBe(1);
    expect(valueOf(text, 'courierx_queue_emails{state="due"}')).toBe(0);
    expect(valueOf(text, 'courierx_queue_oldest_due_seconds')).toBe(0);
    await pool.query('delete from queue where account_id = $1', [`${id}01`]);
  });

  it('time requests by the template of their route, never by their address', async () => {
    const token = await server.signUp();
    await server.call('POST', '/api/v1/provider_connections', {
      token,
      body: { provider: 'sandbox' },
    });
    const sent = await server.call('POST', '/api/v1/emails', { token, body: MAIL });
    await server.call('GET', `/api/v1/emails/${String(sent.body['id'])}`, { token });
    await server.call('GET', '/api/v1/hidden-path');
    await server.call('POST', '/api/v1/webhooks/sendgrid/hidden-token');
    const text = await server.metrics();
    const count = (labels: string) =>
      valueOf(text, `courierx_http_request_seconds_count{${labels}}`);
    expect(count('method="POST",route="/api/v1/emails",status="2xx"')).toBe(1);
    expect(count('method="GET",route="/api/v1/emails/:id",status="2xx"')).toBe(1);
    expect(count('method="GET",route="none",status="4xx"')).toBe(1);
    expect(count('method="POST",route="/api/v1/webhooks/:provider/:token",status="4xx"')).toBe(1);
    expect(text).not.toMatch(/hidden/);
    expect(text).not.toContain(String(sent.body['id']));
  });

  it('remember when a scheduled task last succeeded', async () => {
    const { pool } = server.store.database;
    await pool.query(
      `insert into pgboss.job (name, state, completed_on) values ('apply-retention', 'completed', now())`,
    );
    const series = 'courierx_task_last_success_timestamp_seconds{task="apply-retention"}';
    const text = await untilMetrics(
      'the task',
      (metrics) => valueOf(metrics, series) !== undefined,
    );
    expect(Math.abs((valueOf(text, series) ?? 0) - Date.now() / 1000)).toBeLessThan(3_600);
  });
});

describe('with a port of their own', () => {
  it('the metrics leave that of the API', async () => {
    const apart = await startTestServer({ COURIERX_METRICS_PORT: '0', COURIERX_ROLE: 'api' });
    try {
      expect((await fetch(`${apart.url}/metrics`)).status).toBe(404);
      expect((await fetch(`${apart.url}/health/ready`)).status).toBe(200);
      expect(await apart.metrics()).toContain('courierx_build_info');
    } finally {
      await apart.close();
    }
  });

  it('a worker has them, and nothing else', async () => {
    const worker = await startTestServer({ COURIERX_METRICS_PORT: '0', COURIERX_ROLE: 'worker' });
    try {
      const at = (path: string) => fetch(`${worker.metricsUrl ?? ''}${path}`);
      expect(await worker.metrics()).toContain('role="worker"');
      expect((await at('/health/ready')).status).toBe(200);
      expect((await at('/api/v1/emails')).status).toBe(404);
    } finally {
      await worker.close();
    }
  });
});

describe('while the database is away', () => {
  it('the figures of the process are told, and those of the database are missing', async () => {
    const alone = await startTestServer({ COURIERX_ROLE: 'api' });
    try {
      await alone.store.database.pool.end();
      const answer = await fetch(`${alone.url}/metrics`);
      const text = await answer.text();
      expect(answer.status).toBe(200);
      expect(valueOf(text, 'courierx_database_up')).toBe(0);
      expect(text).toMatch(/^process_cpu_seconds_total /m);
      expect(text).not.toMatch(/^courierx_(queue|webhook_backlog|partition|event_inbox)\w*[ {]/m);
    } finally {
      await alone.close().catch(() => undefined);
    }
  });
});
