import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import pg from 'pg';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReceiver } from '../fakes/webhook-receiver.ts';
import { openBrowser } from '../support/browser.ts';
import { addLongNames, fillBusyAccount, type BusyAccount } from '../support/busy-account.ts';
import { findLookFaults } from '../support/dashboard-looks.ts';
import { startDashboard, type Dashboard } from '../support/dashboard.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSecrets } from '../support/server-process.ts';

/** Where the README's pictures go: `COURIERX_PICTURES=docs/images`; none are made without it. */
const PICTURES = process.env['COURIERX_PICTURES'];

const browser: Browser | null = await openBrowser();
if (!browser) process.stderr.write('The looks of a busy account are NOT tested: no Chromium\n');

describe.runIf(browser !== null)('the dashboard of a busy account', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let dashboard: Dashboard;
  let page: Dashboard['page'];
  let account: BusyAccount;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ ...database.connection, max: 2 });
    const env = { DATABASE_URL: database.url, ...testSecrets() };
    dashboard = await startDashboard(browser as Browser, env);
    ({ page } = dashboard);
    await dashboard.signUp();
    account = await fillBusyAccount(dashboard, pool);
  }, 180_000);

  afterAll(async () => {
    await dashboard.close();
    await account.close();
    await browser?.close();
    await pool.end();
    await database.drop();
  });

  it('has no fault on the overview and in analytics', async () => {
    // After weeks of use they are long gone, and the picture is of the figures.
    await dashboard.open('/');
    await dashboard.button('Close the first steps').click();
    for (const [name, path] of Object.entries({ overview: '/', analytics: '/analytics' })) {
      await dashboard.open(path);
      await page.locator('.recharts-surface').first().waitFor();
      await page.getByRole('table', { name: 'Recipients by provider' }).waitFor();
      if (name === 'overview') await takePicture(name);
      expect(await findLookFaults(page, `busy-${name}`)).toEqual([]);
    }
  }, 120_000);

  it('has no fault in the list of mails and in one that failed over', async () => {
    await dashboard.open('/emails');
    await page.getByRole('listitem').nth(5).waitFor();
    expect(await findLookFaults(page, 'busy-emails')).toEqual([]);
    await dashboard.open(`/emails/${account.failedOverId}`);
    await dashboard.seen('2. Postmark Backup');
    await takePicture('email');
    expect(await findLookFaults(page, 'busy-email')).toEqual([]);
  }, 120_000);

  it('has a palette that finds pages, actions and mails, and gives the focus back', async () => {
    await dashboard.open('/');
    const opener = page.getByRole('button', { name: /Go to/ }).first();
    await opener.click();
    const input = page.getByRole('combobox');
    await input.fill('dark');
    await page.keyboard.press('Enter');
    await page.locator('html.dark').waitFor();
    const isFocused = () => opener.evaluate((button) => button === document.activeElement);
    await expect.poll(isFocused).toBe(true);
    await page.keyboard.press('Control+k');
    await input.fill('light');
    await page.keyboard.press('Enter');
    await page.locator('html:not(.dark)').waitFor();
    await page.keyboard.press('Control+k');
    await input.fill(account.failedOverId);
    await page.getByRole('option', { name: /Open the mail/ }).waitFor();
    expect(await findLookFaults(page, 'busy-palette')).toEqual([]);
    await page.keyboard.press('Enter');
    await dashboard.seen('2. Postmark Backup');
    await page.keyboard.press('Control+k');
    await input.fill('make a rule');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Make a rule' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/routing');
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name'));
    expect(await focused()).toBe('name');
    await page.goBack();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await input.fill('grace@example.com');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/emails\?recipient=grace/);
    await page.keyboard.press('Control+k');
    await input.fill('send a test');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Send a test mail' }).waitFor();
    expect(await dashboard.field('To').inputValue()).toBe('ada@example.com');
    await dashboard.field('From').fill('hello@shop.example');
    await dashboard.field('To').fill('nobody');
    await dashboard.button('Send').click();
    await page.getByRole('alert').filter({ hasText: /to/i }).first().waitFor();
    await dashboard.field('To').fill('delivered@example.test');
    await dashboard.button('Send').click();
    await page.getByRole('heading', { name: 'Hello from CourierX' }).waitFor();
    await dashboard.button('Send again').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
    await dashboard.seen('Sent again, as a new mail.');
  }, 120_000);

  it('sends a mail with its files again, byte for byte', async () => {
    const files = [
      {
        filename: 'Rechnung März 2026.pdf',
        content_type: 'application/pdf',
        bytes: randomBytes(70_001),
      },
      {
        filename: 'logo.png',
        content_type: 'image/png',
        content_id: 'logo',
        bytes: randomBytes(256),
      },
      { filename: 'note.txt', content_type: 'text/plain', bytes: Buffer.from('two\nlines ü\n') },
      { filename: 'note.txt', content_type: 'text/plain', bytes: Buffer.from('another') },
      {
        filename: 'old.eml',
        content_type: 'message/rfc822',
        bytes: Buffer.from('Subject: x\r\n\r\nx'),
      },
    ];
    const { id } = (await dashboard.call('POST', '/emails', {
      ...{ from: 'hello@shop.example', to: 'grace@example.com', subject: 'With files' },
      html: '<p>Here <img src="cid:logo" alt="we are"></p>',
      attachments: files.map(({ bytes, ...file }) => ({
        ...file,
        content: bytes.toString('base64'),
      })),
    })) as { id: string };
    await dashboard.open(`/emails/${id}`);
    await dashboard.button('Send again').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Send again' }).click();
    await page.waitForURL(
      (url) => /\/emails\/[0-9a-f-]{36}$/.test(url.pathname) && !url.pathname.endsWith(id),
    );
    const again = new URL(page.url()).pathname;
    const raw = await page.request.get(new URL(`/api/v1${again}/raw`, page.url()).href);
    const parsed = await simpleParser(await raw.body());
    const sent = parsed.attachments.map((file) => [
      file.filename,
      file.contentType,
      file.content.toString('base64'),
    ]);
    const given = files.map((file) => [
      file.filename,
      file.content_type,
      file.bytes.toString('base64'),
    ]);
    expect(sent.toSorted()).toEqual(given.toSorted());
  }, 60_000);

  it('runs nothing of a mail, and loads nothing for it before somebody asks', async () => {
    const elsewhere = await startReceiver();
    const url = (name: string) => new URL(`/${name}`, elsewhere.url).href;
    const html = `<base href="${url('base/')}"><meta http-equiv="refresh" content="0;url=${url('refresh')}">
      <link rel="stylesheet" href="${url('sheet.css')}"><link rel="prefetch" href="${url('prefetch')}">
      <style>@import "${url('import.css')}"; h1 { background: url(${url('background.png')}) }</style>
      <h1>Look here</h1><img src="${url('pixel.png')}" onerror="top.ran = 1">
      <img src="${url('set.png')}" srcset="${url('srcset.png')} 2x">
      <script>top.ran = 1; document.title = 'ran'</script><script src="${url('script.js')}"></script>
      <svg onload="top.ran = 1"></svg><iframe src="${url('frame')}"></iframe>
      <object data="${url('object')}"></object><video src="${url('video')}" autoplay></video>
      <a href="javascript:top.ran = 1">script</a><form action="${url('form')}"><button>Go</button></form>
      <a href="${url('link')}" target="_top">away</a>`;
    const { id } = (await dashboard.call('POST', '/emails', {
      ...{ from: 'hello@shop.example', to: 'grace@example.com', subject: 'Hostile', html },
    })) as { id: string };
    await dashboard.open(`/emails/${id}`);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Look here' }).waitFor();
    await frame.getByRole('link', { name: 'script' }).click();
    await frame.getByRole('button', { name: 'Go' }).click();
    await page.waitForLoadState('networkidle');
    expect(elsewhere.received).toEqual([]);
    await dashboard.button('Show remote pictures').click();
    const paths = () => elsewhere.received.map(({ path }) => path);
    await expect.poll(paths).toContain('/pixel.png');
    await page.waitForLoadState('networkidle');
    const pictures = ['background', 'pixel', 'set', 'srcset'].map((name) => `/${name}.png`);
    // Chromium fetches ahead what any kind of content may come from; it is not used.
    const allowed = new Set([...pictures, '/sheet.css', '/import.css', '/prefetch']);
    expect(paths().filter((path) => !allowed.has(path))).toEqual([]);
    expect(await page.evaluate(() => 'ran' in globalThis)).toBe(false);
    expect(new URL(page.url()).pathname).toBe(`/emails/${id}`);
    await elsewhere.close();
    // The browser tells of all that it refused to the mail: as it should.
    dashboard.problems.length = 0;
  }, 60_000);

  it('has no fault where names are long', async () => {
    const emailId = await addLongNames(dashboard);
    const pages = {
      ...{ overview: '/', emails: '/emails', email: `/emails/${emailId}`, routing: '/routing' },
      ...{ connections: '/connections', domains: '/domains', keys: '/api-keys' },
      ...{ suppressions: '/suppressions', webhooks: '/webhooks', log: '/settings/audit-log' },
    };
    for (const [name, path] of Object.entries(pages)) {
      await dashboard.open(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('load');
      expect(await findLookFaults(page, `long-${name}`)).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 900 });
    await dashboard.open('/suppressions?email=a.very.long');
    await page.getByRole('button', { name: /^a\.very\.long/ }).click();
    expect(await findLookFaults(page, 'long-address')).toEqual([]);
    await page.setViewportSize({ width: 1440, height: 900 });
  }, 180_000);

  it('keeps the button of a long form in sight, and menus in the page', async () => {
    await dashboard.open('/connections#new');
    await page.setViewportSize({ width: 390, height: 700 });
    const isInSight = await dashboard.button('Connect and verify').evaluate((button) => {
      const { bottom, left } = button.getBoundingClientRect();
      return bottom < innerHeight && document.elementFromPoint(left + 5, bottom - 5) === button;
    });
    expect(isInSight).toBe(true);
    await page.setViewportSize({ width: 1440, height: 900 });
    expect(await findLookFaults(page, 'connect')).toEqual([]);
    await dashboard.button('Close').click();
    await page.getByRole('button', { name: /^More for SendGrid/ }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor();
    expect(await findLookFaults(page, 'menu')).toEqual([]);
    await dashboard.open('/nowhere');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(await findLookFaults(page, 'nowhere')).toEqual([]);
    await page.getByRole('link', { name: 'To the overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  }, 120_000);

  it('broke no rule of the content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });

  async function takePicture(name: string): Promise<void> {
    if (PICTURES === undefined) return;
    await page.setViewportSize({ width: 1280, height: 860 });
    await page.screenshot({ path: join(PICTURES, `${name}.png`) });
    await page.setViewportSize({ width: 1440, height: 900 });
  }
});
