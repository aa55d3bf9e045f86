import type { Suppression, SuppressionCounts } from '@courierx/contract';
import { readFile } from 'node:fs/promises';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { findLookFaults } from '../support/dashboard-looks.ts';
import { startDashboard, type Dashboard } from '../support/dashboard.ts';

const browser: Browser | null = await openBrowser();
const LINES = 12_000;
/** Every thousandth line is no entry. */
const LIST = [
  'email,reason,note',
  ...Array.from({ length: LINES }, (_, at) =>
    at % 1_000 === 999 ? `nobody ${at},manual,` : `user${at}@example.com,unsubscribe,asked ${at}`,
  ),
].join('\n');

describe.runIf(browser !== null)('suppressions in the dashboard', () => {
  let dashboard: Dashboard;
  let page: Dashboard['page'];
  const rows = () => page.locator('tbody tr');
  const list = (query = '') =>
    dashboard.call('GET', `/suppressions${query}`) as Promise<Suppression[]>;

  beforeAll(async () => {
    dashboard = await startDashboard(browser as Browser);
    ({ page } = dashboard);
    await dashboard.signUp();
  }, 180_000);

  afterAll(async () => {
    await dashboard.close();
    await browser?.close();
  });

  it('says what to do while there is none', async () => {
    await dashboard.open('/suppressions');
    await dashboard.seen('No address is suppressed');
    await page.getByRole('link', { name: 'Import a list' }).click();
    await page.getByRole('heading', { name: 'Import suppressions' }).waitFor();
    await dashboard.button('Import').click();
    await dashboard.seen('Choose a file, or paste a list.');
  }, 120_000);

  it('imports a file, shows how far it is, and reports what was left out', async () => {
    await dashboard.open('/suppressions/import');
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seenProgress: seen });
      new MutationObserver(() => {
        const bar = document.querySelector('[role="progressbar"][aria-label="Import"]');
        if (bar) seen.push(`${bar.getAttribute('aria-valuenow')} ${document.body.innerText}`);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    const buffer = Buffer.from(LIST);
    await dashboard
      .field('File')
      .setInputFiles({ name: 'theirs.csv', mimeType: 'text/csv', buffer });
    await dashboard.seen(/theirs\.csv/);
    await dashboard.button('Import').click();
    await dashboard.seen('The list is in');
    const seen = await page.evaluate(
      () => (globalThis as unknown as { seenProgress: string[] }).seenProgress,
    );
    expect(seen.some((text) => /[\d,]+ of 12,001 lines/.test(text))).toBe(true);
    await dashboard.seen('12,000 lines were read.');
    await dashboard.seen('11,988');
    await dashboard.seen('1,001');
    await dashboard.seen(/"nobody 999" is not a valid email address/);
    expect(await rows().count()).toBe(12);

    const downloading = page.waitForEvent('download');
    await dashboard.button('Download the report').click();
    const report = await readFile(await (await downloading).path(), 'utf8');
    expect(report.split('\n').slice(0, 2)).toEqual([
      'line,message',
      '1001,"""nobody 999"" is not a valid email address"',
    ]);
    expect(await findLookFaults(page, 'suppressions-report')).toEqual([]);

    const counts = (await dashboard.call('GET', '/suppressions/counts')) as SuppressionCounts;
    expect(counts.by_reason.unsubscribe).toBe(11_988);
  }, 120_000);

  it('imports what is pasted, and says what is wrong with a list as a whole', async () => {
    await dashboard.open('/suppressions/import');
    await dashboard.field('Or paste the list').fill('address,why\na@example.com,x');
    await dashboard.button('Import').click();
    await dashboard.seen('The first line must name a column email');
    await dashboard
      .field('Or paste the list')
      .fill('[{"email": "json@example.com", "note": "by hand"}, "plain@example.com"]');
    await dashboard.field('Reason').selectOption('complaint');
    await dashboard.button('Import').click();
    await dashboard.seen('The list is in');
    const found = await list('?reason=complaint');
    expect(found.map(({ email }) => email).sort()).toEqual([
      'json@example.com',
      'plain@example.com',
    ]);
  }, 120_000);

  it('counts, searches and filters, with the filter in the URL', async () => {
    await dashboard.open('/suppressions');
    await page.getByRole('button', { name: /^Unsubscribe\s*11,988$/ }).waitFor();
    await dashboard.seen('50 of 11,990');
    await dashboard.button('Show more').click();
    await dashboard.seen('100 of 11,990');
    await page.getByRole('button', { name: /^Complaint/ }).click();
    await dashboard.seen('2 of 2');
    await page.waitForURL(/reason=complaint/);
    await page.getByRole('button', { name: /^All/ }).click();
    await dashboard.field('Search by address').fill('user1234@');
    await dashboard.seen('1 of 1');
    await page.waitForURL(/email=user1234/);
    await page.reload();
    await dashboard.seen('user1234@example.com');
    const href = await page.getByRole('link', { name: 'Export these' }).getAttribute('href');
    const exported = await page.request.get(new URL(href ?? '', dashboard.server.url).href);
    expect((await exported.text()).trim().split('\n')).toHaveLength(2);
    await dashboard.field('Search by address').fill('nowhere@');
    await dashboard.seen('None is like that');
  }, 120_000);

  it('adds one with a note and an end, and shows the evidence of one that bounced', async () => {
    await dashboard.call('POST', '/provider_connections', {
      provider: 'sandbox',
      display_name: 'Sandbox',
    });
    const mail = { from: 'a@yourapp.test', to: 'bounced@example.test', subject: 'x', text: 'x' };
    const sent = (await dashboard.call('POST', '/emails', mail)) as { id: string };
    await expect
      .poll(async () => (await list('?email=bounced@example.test')).length, { timeout: 20_000 })
      .toBe(1);
    await dashboard.open('/suppressions');
    await dashboard.button('Suppress an address').click();
    await dashboard.field('Address').fill('bounced@example.test');
    await dashboard.field('Note').fill('They rang');
    await dashboard.field('Until').fill('2035-01-31');
    await dashboard.button('Suppress').click();
    await dashboard.seen('They rang');
    const added = await list('?email=bounced@example.test&reason=manual');
    expect(added[0]?.expires_at).toMatch(/^2035-01-3/);

    expect(await findLookFaults(page, 'suppressions-list')).toEqual([]);
    await page.getByRole('button', { name: 'bounced@example.test', exact: true }).first().click();
    await dashboard.seen('Bounced (hard)');
    expect(await findLookFaults(page, 'suppressions-evidence')).toEqual([]);
    await page.getByRole('link', { name: 'The mail that showed it' }).click();
    await page.waitForURL(new RegExp(sent.id));
  }, 120_000);

  it('takes back a removal that was refused', async () => {
    await dashboard.open('/suppressions?email=bounced');
    await dashboard.seen('2 of 2');
    let refuse = () => {};
    const isRefused = new Promise<void>((resolve) => (refuse = resolve));
    await page.route('**/api/v1/suppressions/*', async (route) => {
      if (route.request().method() !== 'DELETE') return route.continue();
      await isRefused;
      return route.fulfill({ status: 503, json: { error: 'The database is away' } });
    });
    await dashboard.button('Remove bounced@example.test, manual').click();
    await dashboard.button('Remove').click();
    await expect.poll(() => rows().count()).toBe(1);
    refuse();
    await dashboard.seen('The database is away');
    await expect.poll(() => rows().count()).toBe(2);
    await page.unroute('**/api/v1/suppressions/*');
    expect(await list('?email=bounced@example.test')).toHaveLength(2);
  }, 120_000);

  it('removes one reason, and all of an address', async () => {
    await dashboard.button('Remove bounced@example.test, manual').click();
    await dashboard.button('Remove').click();
    await dashboard.seen('1 of 1');
    expect((await list('?email=bounced@example.test')).map(({ reason }) => reason)).toEqual([
      'bounce',
    ]);
    const again = { email: 'bounced@example.test', reason: 'complaint' };
    await dashboard.call('POST', '/suppressions', again);
    await dashboard.open('/suppressions?email=bounced');
    await page.getByRole('button', { name: 'bounced@example.test', exact: true }).first().click();
    await dashboard.button('Remove all 2 reasons').click();
    await dashboard.seen('None is like that');
    expect(await list('?email=bounced@example.test')).toEqual([]);
  }, 120_000);

  it('broke no rule of its own content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });
});
