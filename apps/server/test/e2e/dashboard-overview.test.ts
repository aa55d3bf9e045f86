import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { Browser, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { startDashboard, type Dashboard } from '../support/dashboard.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSecrets } from '../support/server-process.ts';
import { waitFor } from '../support/wait-for.ts';

const ASSETS = fileURLToPath(new URL('../../../dashboard/dist/assets', import.meta.url));
/** With the first steps, which an account that has done them all does not load. */
const MAX_FIRST_LOAD_BYTES = 170 * 1024;
/** How many mails of which outcome, by the sandbox's addresses. */
const OUTCOMES = {
  ...{ delivered: 6, bounced: 2, softbounced: 1, complained: 1 },
  ...{ opened: 3, clicked: 2, invalid: 1, deferred: 1 },
};
const NAMES = ['Sent', 'Delivered', 'Bounced', 'Complained', 'Opened', 'Clicked'];

const browser: Browser | null = await openBrowser();
if (!browser) process.stderr.write('The overview is NOT tested: there is no Chromium\n');

describe.runIf(browser !== null)('the figures of the dashboard', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let dashboard: Dashboard;
  let page: Dashboard['page'];

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ ...database.connection, max: 2 });
    dashboard = await startDashboard(browser as Browser, {
      DATABASE_URL: database.url,
      ...testSecrets(),
    });
    ({ page } = dashboard);
    await dashboard.signUp();
    const sandbox = { provider: 'sandbox', display_name: 'Sandbox' };
    await dashboard.call('POST', '/provider_connections', sandbox);
    await sendOneOfEach();
    await addOldOpens();
  }, 180_000);

  afterAll(async () => {
    await dashboard.close();
    await browser?.close();
    await pool.end();
    await database.drop();
  });

  async function sendOneOfEach(): Promise<void> {
    const mails = Object.entries(OUTCOMES).flatMap(([outcome, amount]) =>
      Array.from({ length: amount }, (_, index) => `${outcome}+${index}@example.test`),
    );
    for (const to of mails) {
      const mail = { from: 'a@yourapp.test', to, subject: to, text: 'x', tags: ['figures'] };
      await dashboard.call('POST', '/emails', mail);
    }
    const ends = { delivered: 12, bounced: 3, complained: 1, opened: 5, clicked: 2, failed: 1 };
    await waitFor(
      async () => {
        const counts = await countDirectly('2000-01-01');
        return Object.entries({ ...ends, deferred: 1 }).every(([type, n]) => counts[type] === n);
      },
      { timeoutMs: 60_000, what: 'all events of the sandbox' },
    );
  }

  /** Ten days ago: seen in 30 days, not in 7. */
  async function addOldOpens(): Promise<void> {
    const { rows } = await pool.query<{ id: string }>(
      `update emails set created_at = now() - interval '11 days'
       where id = any(array(select id from emails where subject like 'delivered+%' limit 4))
       returning id`,
    );
    await pool.query(
      `insert into email_events (account_id, email_id, id, type, recipient, provider, occurred_at)
       select account_id, id, uuidv7(), 'opened', 'old@example.test', 'sandbox',
              now() - interval '10 days'
       from emails where id = any($1)`,
      [rows.map(({ id }) => id)],
    );
  }

  /** Recipients by what became of them, each once a mail, from the ledger itself. */
  async function countDirectly(from: string): Promise<Readonly<Record<string, number>>> {
    const { rows } = await pool.query<{ type: string; amount: number }>(
      `select type, count(*)::int as amount
       from (select type, email_id, recipient, min(occurred_at) as at
             from email_events group by 1, 2, 3) first
       where (at at time zone 'UTC')::date >= $1
       group by 1`,
      [from],
    );
    return Object.fromEntries(rows.map(({ type, amount }) => [type, amount]));
  }

  /** What the cards say: "Delivered 12 85.7% of sent". */
  async function figuresShown(): Promise<Readonly<Record<string, number>>> {
    await page
      .getByText(/% of sent/)
      .first()
      .waitFor();
    const text = await page.locator('main').innerText();
    const found = NAMES.map((name) => {
      const amount = new RegExp(`^${name}\\s+([\\d,]+)\\s`, 'm').exec(text)?.[1];
      return [name.toLowerCase(), Number(amount?.replaceAll(',', ''))] as const;
    });
    return Object.fromEntries(found);
  }

  const dayAgo = (days: number) =>
    new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

  it.each([
    ['7 days', 6, '/?period=7d'],
    ['30 days', 29, '/'],
    ['7 days', 6, '/analytics?period=7d'],
    ['30 days', 29, '/analytics'],
  ])('are over %s those of a direct count', async (period, days, path) => {
    await dashboard.open(path);
    const counts = await countDirectly(dayAgo(days));
    const { sent, delivered, bounced, complained, opened, clicked } = counts;
    expect(await figuresShown()).toEqual({ sent, delivered, bounced, complained, opened, clicked });
    expect(await dashboard.button(period).getAttribute('aria-pressed')).toBe('true');
    const share = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
    await dashboard.seen(`${share.format(Number(delivered) / Number(sent))} of sent`);
    await page.getByText('As a table').click();
    const today = page.getByRole('table', { name: 'Recipients by day' }).getByRole('row').nth(1);
    expect(await today.locator('td').allInnerTexts()).toContain(String(sent));
    const byProvider = page.getByRole('table', { name: 'Recipients by provider' });
    expect(await byProvider.getByRole('row').nth(1).innerText()).toContain(`\t${sent}\t`);
    await page.locator('.recharts-surface').first().waitFor();
  });

  it('can be had as a file, for the days that are shown', async () => {
    await dashboard.open('/analytics');
    await dashboard.field('From day (UTC)').fill(dayAgo(3));
    await page.waitForURL(/from=/);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      dashboard.button('Export CSV').click(),
    ]);
    expect(file.suggestedFilename()).toBe(`courierx-${dayAgo(3)}-to-${dayAgo(0)}.csv`);
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n');
    const [header = '', ...rows] = lines.map((line) => line.split(','));
    const column = header.indexOf('sent');
    const sum = rows.reduce((total, row) => total + Number(row[column]), 0);
    expect(sum).toBe((await countDirectly(dayAgo(3)))['sent']);
    expect(rows.map(([date]) => date)).toContain(dayAgo(3));
  });

  it('are there before the chart, with less script than the build allows', async () => {
    const loaded: Response[] = [];
    const note = (answer: Response) => {
      if (answer.url().endsWith('.js')) loaded.push(answer);
    };
    page.on('response', note);
    await dashboard.open('/');
    await figuresShown();
    await page.locator('.recharts-surface').first().waitFor();
    page.off('response', note);
    const names = loaded.map((answer) => basename(new URL(answer.url()).pathname));
    const chart = names.filter((name) => name.startsWith('daily-chart'));
    expect(chart).toHaveLength(1);
    const sizes = names
      .filter((name) => !chart.includes(name) && name !== 'theme.js')
      .map(async (name) => (await stat(join(ASSETS, `${name}.gz`))).size);
    const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeGreaterThan(50 * 1024);
    expect(bytes).toBeLessThan(MAX_FIRST_LOAD_BYTES);
    for (const answer of loaded) expect(answer.headers()['content-encoding']).toBeDefined();
  });

  it('lead from the list of mails to those of a status, a day, a tag and a connection', async () => {
    await dashboard.open('/emails');
    await dashboard.seen('delivered+0@example.test');
    const lines: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/stream')) lines.push(request.url());
    });
    await dashboard.field('Status').selectOption('bounced');
    await page.waitForURL(/status=bounced/);
    await dashboard.field('Sent through').selectOption({ label: 'Sandbox' });
    await page.waitForURL(/provider_connection_id=/);
    await dashboard.field('Recipient').fill('softbounced');
    await page.waitForURL(/recipient=softbounced/);
    await dashboard.seen('softbounced+0@example.test');
    await page.reload();
    await dashboard.seen('softbounced+0@example.test');
    expect(await page.getByRole('listitem').filter({ hasText: '@example.test' }).count()).toBe(1);
    // The page that was loaded again opened its one line; no filter did.
    expect(lines.length).toBeLessThanOrEqual(1);
    await dashboard.field('To day').fill(dayAgo(5));
    await dashboard.seen('No mail is like that');
    await dashboard.button('Clear the filters').click();
    await dashboard.seen('delivered+0@example.test');
    await dashboard.field('Tag').fill('nothing has it');
    await dashboard.seen('No mail is like that');
  });

  it('come with a loud word when mail runs on a backup or not at all, on every page', async () => {
    const [sandbox] = (await dashboard.call('GET', '/provider_connections')) as { id: string }[];
    await dashboard.open('/settings');
    await dashboard.call('PATCH', `/provider_connections/${sandbox?.id}`, { enabled: false });
    await dashboard.seen('No mail can go out.');
    const backup = { provider: 'sandbox', display_name: 'Spare', priority: 99 };
    await dashboard.call('POST', '/provider_connections', backup);
    await dashboard.seen('Mail runs on a backup: Spare');
    await dashboard.call('PATCH', `/provider_connections/${sandbox?.id}`, { enabled: true });
    await page.getByText('Mail runs on a backup').waitFor({ state: 'detached' });
  });

  it('follow the mail as it goes', async () => {
    await dashboard.open('/');
    const { sent = 0, delivered = 0 } = await figuresShown();
    const mail = {
      from: 'a@yourapp.test',
      to: 'delivered+new@example.test',
      subject: 'x',
      text: 'x',
    };
    await dashboard.call('POST', '/emails', mail);
    const shares = { sent: sent + 1, delivered: delivered + 1 };
    await expect.poll(figuresShown, { timeout: 20_000 }).toMatchObject(shares);
  });

  it('broke no rule of the content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });
});
