import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findClosedPort } from '../fakes/raw-server.ts';
import { openBrowser } from '../support/browser.ts';
import { startDashboard, type Credentials, type Dashboard } from '../support/dashboard.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';

const browser: Browser | null = await openBrowser();
if (!browser) process.stderr.write('Sessions in a browser are NOT tested: there is no Chromium\n');

describe.runIf(browser !== null)('a session of the dashboard', () => {
  let database: TestDatabase;
  let env: Record<string, string>;
  let dashboard: Dashboard;
  let page: Dashboard['page'];
  let credentials: Credentials;
  let again: ServerProcess | null = null;

  beforeAll(async () => {
    database = await createTestDatabase();
    env = { DATABASE_URL: database.url, PORT: String(await findClosedPort()), ...testSecrets() };
    dashboard = await startDashboard(browser as Browser, env);
    ({ page } = dashboard);
    credentials = await dashboard.signUp();
    await dashboard.call('POST', '/provider_connections', { provider: 'sandbox' });
  }, 180_000);

  beforeEach(async () => {
    await dashboard.call('POST', '/auth/session', credentials);
  });

  afterAll(async () => {
    await dashboard.close();
    await again?.stop();
    await browser?.close();
    await database.drop();
  });

  const heading = (name: string) => page.getByRole('heading', { name, level: 1 });

  async function logIn(password: string): Promise<void> {
    await heading('Log in').waitFor();
    await dashboard.field('Email').fill(credentials.email);
    await dashboard.field('Password').fill(password);
    await dashboard.button('Log in').click();
  }

  async function send(subject: string): Promise<void> {
    const mail = { from: 'a@yourapp.test', to: 'delivered@example.test', subject, text: 'x' };
    await dashboard.call('POST', '/emails', mail);
  }

  it('that ends in the midst of use leads to the log-in, and from there back to the page', async () => {
    await dashboard.open('/emails?status=delivered');
    await heading('Emails').waitFor();
    await page.context().clearCookies();
    await dashboard.field('Status').selectOption('queued');
    await dashboard.seen('Your session has ended. Log in to go on where you were.');
    await logIn('wrong password');
    await page.getByRole('alert').getByText('The email or the password is wrong.').waitFor();
    await dashboard.field('Password').fill(credentials.password);
    await dashboard.button('Log in').click();
    await heading('Emails').waitFor();
    expect(new URL(page.url()).search).toBe('?status=queued');
  });

  it('is over where the password was changed elsewhere', async () => {
    await dashboard.open('/suppressions');
    await heading('Suppressions').waitFor();
    const other = await (browser as Browser).newContext();
    const headers = { 'x-courierx-csrf': '1' };
    const url = (path: string) => new URL(`/api/v1${path}`, dashboard.server.url).href;
    await other.request.post(url('/auth/session'), { headers, data: credentials });
    const password = 'a much better battery';
    const change = { password, password_confirmation: password };
    const changed = await other.request.patch(url('/auth/me'), {
      headers,
      data: { ...change, current_password: credentials.password },
    });
    expect(changed.status(), await changed.text()).toBeLessThan(300);
    await other.close();
    credentials = { ...credentials, password };
    await page.getByRole('link', { name: 'Emails', exact: true }).click();
    await logIn(password);
    await heading('Emails').waitFor();
  });

  it('lives through a server that is away and comes back, without a new load of the page', async () => {
    await dashboard.open('/emails');
    await heading('Emails').waitFor();
    await send('Before');
    await dashboard.seen('Before');
    await page.evaluate(() => Object.assign(globalThis, { isSamePage: true }));
    await dashboard.server.stop();
    await dashboard.seen('The server can’t be reached.');
    expect(await page.getByText('Before').count()).toBe(1);
    again = await startServerProcess(env);
    await page.getByText('The server can’t be reached.').waitFor({ state: 'detached' });
    await send('Afterwards');
    await dashboard.seen('Afterwards');
    const row = page.getByRole('listitem').filter({ hasText: 'Afterwards' });
    await row.getByText('Delivered', { exact: true }).waitFor();
    expect(await page.evaluate(() => 'isSamePage' in globalThis)).toBe(true);
  }, 120_000);

  it('sees mail as it goes also where no stream gets through', async () => {
    await page.route('**/api/v1/stream', (route) => route.abort());
    await dashboard.open('/emails');
    await heading('Emails').waitFor();
    await send('Polled');
    const row = page.getByRole('listitem').filter({ hasText: 'Polled' });
    await row.getByText('Delivered', { exact: true }).waitFor({ timeout: 40_000 });
    expect(await page.getByText('The server can’t be reached.').count()).toBe(0);
    await page.unroute('**/api/v1/stream');
  }, 60_000);

  it('opens a page for which it has no code yet once the server is back', async () => {
    await dashboard.open('/emails');
    await heading('Emails').waitFor();
    await again?.stop();
    await page.getByRole('link', { name: 'Domains', exact: true }).click();
    await dashboard.seen('The server can’t be reached.');
    expect(new URL(page.url()).protocol).toBe('http:');
    again = await startServerProcess(env);
    await heading('Domains').waitFor();
    await dashboard.seen('No domain yet');
  }, 120_000);

  it('says so where a part of the page is gone since it was opened', async () => {
    await dashboard.open('/emails');
    await heading('Emails').waitFor();
    const gone = '**/assets/command-palette-*.js';
    await page.route(gone, (route) => route.fulfill({ status: 404, json: { error: 'Not found' } }));
    await page.keyboard.press('Control+k');
    await dashboard.seen('A part of this page can’t be loaded.');
    await page.unroute(gone);
    await dashboard.button('Load it again').click();
    await heading('Emails').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor();
  }, 60_000);

  it('broke no rule of the content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });
});
