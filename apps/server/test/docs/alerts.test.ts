import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startTestServer, type TestServer } from '../support/running-server.ts';
import { waitFor } from '../support/wait-for.ts';

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly action: string };
};

const docs = new URL('../../../../docs/', import.meta.url);
const read = (name: string) => readFile(new URL(name, docs), 'utf8');
const [file, guide] = await Promise.all([read('alerts.yaml'), read('monitoring.md')]);
const { groups } = parse(file) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

const MAIL = { from: 'a@example.com', to: 'delivered@example.test', subject: 'Hi', text: 'Hello' };
const METRIC = /\b((?:courierx|nodejs|process)_[a-z0-9_]+)(?:\{([^}]*)\})?/g;
/** What a histogram is shown as. */
const PARTS = /_(bucket|count|sum)$/;
/** Prometheus adds these. */
const OF_SCRAPES = ['job', 'instance'];

/** The words that a label may be compared with; others are free. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  outcome: ['accepted', 'rejected', 'failed', 'unknown', 'succeeded'],
  scope: ['connection', 'receiver'],
  state: ['closed', 'open', 'half_open', 'throttled', 'invalid', 'due', 'waiting', 'held'],
  status: ['2xx', '3xx', '4xx', '5xx'],
  verdict: ['forged', 'malformed', 'unverifiable', 'stored', 'repeated', 'altered'],
};

const metricsIn = (text: string) =>
  [...text.matchAll(METRIC)].map(([, name = '', selector = '']) => ({
    name,
    labels: [...selector.matchAll(/([a-z_]+)="([^"]*)"/g)].map(([, label = '', value = '']) => ({
      label,
      value,
    })),
  }));

let server: TestServer;
let exported: string;

/** Something of everything has happened, so that every series in use is there. */
beforeAll(async () => {
  server = await startTestServer();
  const token = await server.signUp();
  const post = (path: string, body: object, as = token) =>
    server.call('POST', `/api/v1${path}`, { token: as, body });
  await post('/provider_connections', { provider: 'sandbox' });
  const webhook_secret = 'a-secret-of-24-characters';
  const smtp = { provider: 'smtp', smtp_host: '127.0.0.1', smtp_port: 1, webhook_secret };
  const connection = await post('/provider_connections', smtp);
  const hook = new URL(String(connection.body['webhook_url'])).pathname;
  await server.call('POST', hook, { body: {} });
  const key = await post('/api_keys', { name: 'Test', mode: 'test' });
  await post('/emails', MAIL, String(key.body['raw_key']));
  const { pool } = server.store.database;
  await waitFor(
    async () => {
      // pg-boss is set up in its own time.
      const table = `select where to_regclass('pgboss.queue') is not null`;
      if ((await pool.query(table)).rowCount === 0) return false;
      const queue = `select from pgboss.queue where name = 'apply-retention'`;
      return (await pool.query(queue)).rowCount === 1;
    },
    { timeoutMs: 30_000, what: 'the queue of the task' },
  );
  await pool.query(
    `insert into pgboss.job (name, state, completed_on)
     values ('apply-retention', 'completed', now())`,
  );
  const isThere = (name: string) => new RegExp(`^${name}[{ ]`, 'm');
  exported = await waitFor(
    async () => {
      const text = await server.metrics();
      const series = ['attempts_total', 'task_last_success_timestamp_seconds', 'breaker_state'];
      return series.every((name) => isThere(`courierx_${name}`).test(text)) && text;
    },
    { timeoutMs: 30_000, what: 'the series' },
  );
}, 90_000);
afterAll(() => server.close());

/** The label names of a series as a running server shows them. */
function labelsOf(name: string): string[] | null {
  const sample = new RegExp(`^${name}(?:\\{(.*)\\})? \\S+$`, 'm').exec(exported);
  if (!sample) return null;
  return [...(sample[1] ?? '').matchAll(/([a-z_]+)="/g)].map(([, label = '']) => label);
}

describe.each(rules)('the alert $alert', ({ alert, expr, labels, annotations }) => {
  it('asks for series that a running server exports, by labels that they have', () => {
    const found = metricsIn(expr);
    expect(found).not.toEqual([]);
    for (const { name, labels: selected } of found) {
      const names = labelsOf(name);
      expect(names, `${name} is exported`).not.toBeNull();
      for (const { label, value } of selected) {
        expect(names, name).toContain(label);
        if (VALUES[label]) expect(VALUES[label], `${name} ${label}`).toContain(value);
      }
    }
    const known = new Set([...found.flatMap(({ name }) => labelsOf(name) ?? []), ...OF_SCRAPES]);
    for (const [, by = ''] of expr.matchAll(/\bby \(([^)]*)\)/g)) {
      for (const label of by.split(',')) expect(known).toContain(label.trim());
    }
  });

  it('says what is wrong and what to do', () => {
    expect(['page', 'ticket']).toContain(labels.severity);
    expect(annotations.summary.length).toBeGreaterThan(10);
    expect(annotations.action).toContain(`monitoring.md#${alert.toLowerCase()}`);
    expect(guide).toMatch(new RegExp(`^### ${alert}$`, 'm'));
  });
});

describe('the guide', () => {
  it('names every figure of ours that a server exports, and no other', () => {
    const types = [...exported.matchAll(/^# TYPE (courierx_\w+) /gm)].map(([, name]) => name);
    const told = metricsIn(guide).map(({ name }) => name.replace(PARTS, ''));
    expect(types.filter((name) => name !== undefined && !told.includes(name))).toEqual([]);
    const ours = told.filter((name) => name.startsWith('courierx_'));
    expect(ours.filter((name) => !types.includes(name))).toEqual([]);
  });
});
