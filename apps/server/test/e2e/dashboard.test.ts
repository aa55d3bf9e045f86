import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findClosedPort } from '../fakes/raw-server.ts';
import { startReceiver } from '../fakes/webhook-receiver.ts';
import { openBrowser } from '../support/browser.ts';
import { startDashboard, type Dashboard } from '../support/dashboard.ts';
import { findLookFaults } from '../support/dashboard-looks.ts';

const PAGES = [
  ...['/', '/analytics', '/emails', '/connections', '/routing', '/domains', '/suppressions'],
  ...['/suppressions/import', '/webhooks', '/api-keys', '/sandbox', '/settings'],
  ...['/settings/sending', '/settings/audit-log'],
];

const browser: Browser | null = await openBrowser();
if (!browser) process.stderr.write('Dashboard tests are NOT run: there is no Chromium\n');

describe.runIf(browser !== null)('the dashboard', () => {
  let dashboard: Dashboard;
  let page: Dashboard['page'];
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  const credentials = { email: 'ada@example.com', password: 'correct horse battery' };
  const open = (path: string) => dashboard.open(path);
  const button = (name: string) => dashboard.button(name);
  const field = (label: string) => dashboard.field(label);
  const seen = (text: string | RegExp) => dashboard.seen(text);

  beforeAll(async () => {
    dashboard = await startDashboard(browser as Browser);
    ({ page } = dashboard);
    receiver = await startReceiver();
  }, 180_000);

  afterAll(async () => {
    await dashboard.close();
    await browser?.close();
    await receiver.close();
  });

  it('takes a newcomer from signing up to a delivered mail', async () => {
    await open('/');
    await page.getByRole('link', { name: 'Sign up' }).click();
    await field('Name').fill('Shop');
    await field('Email').fill(credentials.email);
    await field('Password').fill(credentials.password);
    await field('Password, once more').fill(credentials.password);
    await button('Sign up').click();
    await button('Connect the sandbox').click();
    await button('Send').click();
    await page.getByRole('link', { name: 'Watch it arrive' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page
      .getByText('delivered', { exact: true })
      .or(page.getByText('Delivered'))
      .first()
      .waitFor();
    await page.locator('iframe').first().waitFor();

    await open('/api-keys');
    await button('Make a key').click();
    await field('Name').fill('My first key');
    await button('Make').click();
    await seen(/cxk_live_/);
    await seen(/curl -X POST .*\/api\/v1\/emails/);
  }, 60_000);

  it('sends once, however often one presses, and keeps the focus where it was', async () => {
    await open('/emails');
    await page.getByRole('heading', { name: 'Emails' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill('send a test');
    await page.keyboard.press('Enter');
    await field('Subject').fill('Once');
    let asked = 0;
    let answer = () => {};
    const isTime = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/api/v1/emails', async (route) => {
      asked += 1;
      await isTime;
      await route.continue();
    });
    await button('Send').press('Enter');
    await expect.poll(() => asked).toBe(1);
    // It is told apart once it is drawn, which a page in the background may do a second later.
    await page.locator('button[aria-busy=true]').waitFor();
    await page.keyboard.press('Enter');
    await field('Subject').press('Enter');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Send');
    answer();
    await page.getByRole('heading', { name: 'Once' }).waitFor();
    await page.unroute('**/api/v1/emails');
    expect(asked).toBe(1);
  }, 60_000);

  it('shows how a mail failed over', async () => {
    await open('/connections');
    for (const [name, port] of [['Down', await findClosedPort()] as const]) {
      await button('Connect a provider').click();
      await field('Provider').selectOption('smtp');
      await field('Name').fill(name);
      await field('Host').fill('127.0.0.1');
      await field('Port').fill(String(port));
      await field('Priority').fill('0');
      await button('Connect and verify').click();
      await page.getByRole('heading', { name, exact: true }).waitFor();
    }
    await button('Connect a provider').click();
    await field('Provider').selectOption('smtp');
    await field('Name').fill('Backup');
    await field('Host').fill('127.0.0.1');
    await field('Port').fill(String(await findClosedPort()));
    await field('Priority').fill('9');
    await button('Connect and verify').click();
    await page.getByRole('heading', { name: 'Backup', exact: true }).waitFor();
    const mail = { from: 'a@yourapp.com', to: 'b@example.com', subject: 'Over', text: 'x' };
    const answer = (await dashboard.call('POST', '/emails', mail)) as { id: string };
    await open(`/emails/${answer.id}`);
    await seen(/1\. Down/);
    await seen(/2\. Backup/);
    await seen(/^failed$/i);
  }, 60_000);

  it('adds a domain, a suppression and a webhook, and sends a delivery again', async () => {
    await open('/domains');
    await button('Add a domain').click();
    await field('Domain').fill('mail.yourapp.com');
    await button('Add').click();
    await seen(/_courierx\.mail\.yourapp\.com/);

    await open('/suppressions');
    await button('Suppress an address').click();
    await field('Address').fill('not an address');
    await button('Suppress').click();
    await page.getByRole('alert').waitFor();
    await field('Address').fill('gone@example.com');
    await button('Suppress').click();
    await seen('gone@example.com');

    await open('/webhooks');
    await button('Add an endpoint').click();
    await field('URL').fill(receiver.url);
    await button('Add').click();
    await seen(/whsec_/);
    await page.getByRole('link', { name: receiver.url }).click();
    await button('Send a test').click();
    await page.locator('tbody').getByText('Succeeded').waitFor();
    const before = receiver.received.length;
    await page
      .getByRole('button', { name: /^Replay: / })
      .first()
      .click();
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThan(before);
  }, 60_000);

  it.each(PAGES)(
    'has no fault of accessibility or width on %s, light and dark',
    async (path) => {
      await open(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('load');
      const name = path === '/' ? 'overview' : path.slice(1).replaceAll('/', '-');
      expect(await findLookFaults(page, name)).toEqual([]);
    },
    60_000,
  );

  it('refuses a wrong password in words, and ends a session', async () => {
    await page.setViewportSize({ width: 1440, height: 900 });
    await open('/');
    await button('Log out').click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await field('Email').fill(credentials.email);
    await field('Password').fill('wrong password');
    await button('Log in').click();
    await page.getByRole('alert').getByText('The email or the password is wrong.').waitFor();
    await field('Password').fill(credentials.password);
    await button('Log in').click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.context().clearCookies();
    await open('/emails');
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  }, 60_000);

  it('broke no rule of its own content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });
});
