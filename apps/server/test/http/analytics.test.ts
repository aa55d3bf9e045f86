import { setTimeout as delay } from 'node:timers/promises';
import type { UsageCounts } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyEvents } from '../../src/events/apply-events.ts';
import type { KnownEvent } from '../../src/events/ledger-event.ts';
import { newId } from '../../src/lib/ids.ts';
import { foldUsage } from '../../src/services/analytics/fold-usage.ts';
import { getMetrics } from '../../src/services/analytics/get-metrics.ts';
import { listUsage } from '../../src/services/analytics/list-usage.ts';
import type { Principal } from '../../src/services/context.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { createMailFixture, type MailFixture } from '../support/mail-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

const principalOf = (accountId: string): Principal => ({
  ...{ accountId, mode: 'live', role: 'full', actor: 'session', apiKeyId: null, domain: null },
});

describe('figures', () => {
  let fixture: MailFixture;
  beforeAll(async () => {
    fixture = await createMailFixture();
    fixture.startDispatcher();
  });
  afterAll(() => fixture.close());

  const totalsOf = async (accountId: string): Promise<UsageCounts> =>
    (await getMetrics(fixture, principalOf(accountId), { period: '7d' })).totals;

  /** Every row of the ledger looked at: each recipient of a live mail once a type. */
  async function countAll(accountId: string): Promise<Partial<UsageCounts>> {
    const { rows } = await fixture.database.pool.query<{ type: string; count: number }>(
      `select type, count(*)::int as count from (
         select distinct e.email_id, e.recipient, e.type from email_events e
         join emails m on m.account_id = e.account_id and m.id = e.email_id and m.mode = 'live'
         where e.account_id = $1) told group by type
       union all
       select 'hard_bounced', count(*)::int from (
         select distinct email_id, recipient from email_events
         where account_id = $1 and bounce_type = 'hard') hard
       union all
       select 'accepted', count(*)::int from emails where account_id = $1 and mode = 'live'`,
      [accountId],
    );
    return Object.fromEntries(rows.map(({ type, count }) => [type, count]));
  }

  async function expectExact(accountId: string): Promise<void> {
    const zeros = Object.fromEntries(
      Object.keys(await totalsOf(accountId)).map((name) => [name, 0]),
    );
    expect(await totalsOf(accountId)).toEqual({ ...zeros, ...(await countAll(accountId)) });
  }

  const eventOf = (type: KnownEvent['type'], recipient: string): KnownEvent => ({
    ...{ type, word: type, providerEventId: newId(), providerMessageId: null, emailId: null },
    ...{ recipient, occurredAt: new Date(), detail: null, url: null },
    bounce: {
      ...{ label: 'hard', diagnostic: null, replyCode: null },
      enhancedStatus: Math.random() < 0.5 ? '5.1.1' : '5.7.1',
    },
  });

  it('are exact to the mail while mail goes out, events come and sums are made', async () => {
    const { pool } = fixture.database;
    const [a, b] = [await fixture.createAccount(), await fixture.createAccount()];
    const connections = new Map<string, string>();
    for (const id of [a, b]) connections.set(id, await fixture.addConnection(id, { priority: 1 }));
    const over = new AbortController();
    const folding = (async () => {
      while (!over.signal.aborted) {
        await foldUsage(fixture.database);
        await delay(5);
      }
    })();
    const types = ['delivered', 'opened', 'opened', 'clicked', 'bounced', 'complained'] as const;
    const sendAndTell = async (accountId: string, index: number) => {
      const to = Array.from(
        { length: 1 + (index % 3) },
        (_, n) => `u${n}-${index % 5}@example.com`,
      );
      const mode = index % 7 === 0 ? 'test' : 'live';
      const { id: emailId } = await fixture.send(accountId, { to }, mode);
      if (mode === 'test') return;
      await waitFor(async () => (await fixture.get(accountId, emailId)).status !== 'queued', {
        what: 'the mail to be sent, or suppressed by what was told of others',
        timeoutMs: 25_000,
      });
      const connection = { accountId, id: connections.get(accountId) ?? '' };
      for (let n = 0; n < 6; n += 1) {
        const type = types[Math.floor(Math.random() * types.length)] ?? 'opened';
        const event = eventOf(type, to[n % to.length] ?? '');
        const heard = { connection, provider: 'smtp' } as Parameters<typeof applyEvents>[1];
        // The second time it is a repeat.
        await applyEvents(pool, heard, { emailId, events: [event] });
        await applyEvents(pool, heard, { emailId, events: [event] });
      }
    };
    await Promise.all(
      [a, b].flatMap((id) =>
        Array.from({ length: 4 }, async (_, worker) => {
          for (let n = 0; n < 6; n += 1) await sendAndTell(id, worker * 6 + n);
        }),
      ),
    );
    over.abort();
    await folding;

    for (const id of [a, b]) await expectExact(id);
    const before = await totalsOf(a);
    expect(before.accepted).toBe(20);
    expect(before.opened).toBeGreaterThan(0);
    expect(before.suppressed).toBeGreaterThan(0);
    await foldUsage(fixture.database);
    const { rows } = await pool.query('select 1 from usage_deltas');
    expect(rows).toHaveLength(0);
    expect(await totalsOf(a)).toEqual(before);

    const usage = await listUsage(fixture, principalOf(a), {});
    const sum = usage.reduce((total, day) => total + day.sent, 0);
    expect(sum).toBe(before.sent);

    // Mail may go by its age; what was counted stays.
    for (const table of ['email_events', 'attempts', 'email_states', 'email_contents', 'emails']) {
      await pool.query(`delete from ${table} where account_id = $1`, [a]);
    }
    expect(await totalsOf(a)).toEqual(before);
  });

  it('are summed up although an account went meanwhile', async () => {
    const { pool } = fixture.database;
    const account = await fixture.createAccount();
    await pool.query(
      `insert into usage_deltas (account_id, day, provider, type, amount)
       values ($1, current_date, 'smtp', 'sent', 1), ($2, current_date, 'smtp', 'sent', 3)`,
      [newId(), account],
    );
    await foldUsage(fixture.database);
    const { rows } = await pool.query('select 1 from usage_deltas');
    expect(rows).toHaveLength(0);
    expect((await totalsOf(account)).sent).toBe(3);
  });

  it('count nothing before its mail was accepted, nor in the future', async () => {
    const account = await fixture.createAccount();
    const connectionId = await fixture.addConnection(account, { priority: 1 });
    const to = ['early@example.com', 'late@example.com'];
    const { id: emailId } = await fixture.send(account, { to });
    await waitFor(async () => (await fixture.get(account, emailId)).status === 'sent', {
      what: 'the mail to be sent',
    });
    const heard = {
      connection: { accountId: account, id: connectionId },
      provider: 'smtp',
    } as Parameters<typeof applyEvents>[1];
    const times = { 'early@example.com': 0, 'late@example.com': Date.now() + 90 * 86_400_000 };
    for (const [recipient, at] of Object.entries(times)) {
      const event = { ...eventOf('delivered', recipient), occurredAt: new Date(at) };
      await applyEvents(fixture.database.pool, heard, { emailId, events: [event] });
    }
    await foldUsage(fixture.database);
    const { rows } = await fixture.database.pool.query(
      `select day::text, amount::int from usage_days where account_id = $1 and type = 'delivered'`,
      [account],
    );
    expect(rows).toEqual([{ day: new Date().toISOString().slice(0, 10), amount: 2 }]);
  });

  it('count a mail that left twice once, and its provider first', async () => {
    const account = await fixture.createAccount();
    await fixture.addConnection(account, { priority: 1 });
    const { id } = await fixture.send(account, { to: 'a@example.com' });
    await waitFor(async () => (await fixture.get(account, id)).status === 'sent', {
      what: 'the mail to be sent',
    });
    await fixture.database.pool.query(
      `insert into email_events (account_id, email_id, id, type, recipient, provider, occurred_at)
       select account_id, email_id, gen_random_uuid(), type, recipient, 'resend', occurred_at
       from email_events where account_id = $1 and type = 'sent'`,
      [account],
    );
    expect((await totalsOf(account)).sent).toBe(1);
    const usage = await listUsage(fixture, principalOf(account), {});
    expect(usage.filter(({ sent }) => sent > 0)).toMatchObject([{ provider: 'smtp', sent: 1 }]);
  });
});

describe('over HTTP', () => {
  let api: ApiFixture;
  let owner: SignedUp;
  beforeAll(async () => {
    api = await createApiFixture();
    owner = await api.signUp();
  });
  afterAll(() => api.close());

  it.each([
    ['7d', 7],
    ['30d', 30],
    ['90d', 90],
  ])(
    '/dashboard/metrics of %s has %i days, zeros where there was no mail',
    async (period, days) => {
      const today = new Date().toISOString().slice(0, 10);
      const { status, body } = await owner.get<{ daily: { date: string; sent: number }[] }>(
        `/dashboard/metrics?period=${period}`,
      );
      expect(status).toBe(200);
      expect(body).toMatchObject({ period, to: today, rates: { delivered: 0, opened: 0 } });
      expect(body.daily).toHaveLength(days);
      expect(body.daily.at(-1)?.date).toBe(today);
      expect(new Set(body.daily.map(({ date }) => date)).size).toBe(days);
      expect(body.daily.every(({ sent }) => sent === 0)).toBe(true);
    },
  );

  it('a mail sent is in them at once', async () => {
    await owner.post('/emails', {
      ...{ from: 'hello@yourapp.example', to: 'a@example.com', subject: 'Hello', text: 'x' },
    });
    const { body } = await owner.get<{ totals: UsageCounts }>('/dashboard/metrics');
    expect(body).toMatchObject({ period: '30d', totals: { accepted: 1 } });
  });

  it.each([
    ['/dashboard/metrics?period=1y', 'Period must be one of'],
    ['/dashboard/metrics?days=7', 'days'],
    ['/usage_stats?from=yesterday', 'from must be a date'],
    ['/usage_stats?to=2026-02-30', 'to must be a date'],
    ['/usage_stats?from=2026-03-02&to=2026-03-01', 'from must not be after to'],
    ['/usage_stats?from=2025-01-01&to=2026-02-05', '400 days'],
    ['/usage_stats?from=nope&to=never', 'to must be a date'],
    ['/usage_stats?from=0000-01-01&to=0000-01-02', 'from must be from 1970-01-01 to'],
    ['/usage_stats?to=0001-01-02', 'to must be from 1970-01-01 to'],
    ['/usage_stats?from=9999-12-31&to=9999-12-31', 'to must be from 1970-01-01 to'],
  ])('%s is refused: %s', async (path, words) => {
    const { status, body } = await owner.get<{ errors: string[] }>(path);
    expect(status).toBe(422);
    expect(body.errors.join('; ')).toContain(words);
  });

  it('a range of 400 days is taken', async () => {
    const { status } = await owner.get('/usage_stats?from=2025-01-01&to=2026-02-04');
    expect(status).toBe(200);
  });

  it.each(['from=1970-01-01&to=1970-01-01', 'to=1970-01-01', 'from=2999-12-31&to=2999-12-31'])(
    'the ends of time are no trouble: %s',
    async (query) => {
      expect(await owner.get(`/usage_stats?${query}`)).toMatchObject({ status: 200, body: [] });
    },
  );
});
