import type { AccountAnswer, ApiKey, AuditEntry, Email } from '@courierx/contract';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startReceiver } from '../fakes/webhook-receiver.ts';
import { openBrowser } from '../support/browser.ts';
import { findLookFaults } from '../support/dashboard-looks.ts';
import { startDashboard, type Credentials, type Dashboard } from '../support/dashboard.ts';
import { runShell } from '../support/run-shell.ts';

const run = promisify(execFile);
const SDK = fileURLToPath(new URL('../../../../packages/sdk', import.meta.url));
const browser: Browser | null = await openBrowser();

describe.runIf(browser !== null)('first steps and settings in the dashboard', () => {
  let dashboard: Dashboard;
  let page: Dashboard['page'];
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let folder: string;
  let credentials: Credentials;
  const account = async () =>
    ((await dashboard.call('GET', '/auth/session')) as AccountAnswer).account;
  const step = (title: string) => page.getByRole('button', { name: new RegExp(`${title}.*`) });
  const isDone = (title: string) => step(`${title}\\s*, done`).waitFor();

  beforeAll(async () => {
    dashboard = await startDashboard(browser as Browser);
    ({ page } = dashboard);
    receiver = await startReceiver();
    folder = await mkdtemp(join(tmpdir(), 'courierx-first-steps-'));
    credentials = await dashboard.signUp();
  }, 180_000);

  afterAll(async () => {
    await dashboard.close();
    await browser?.close();
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('does all five first steps in place', async () => {
    await dashboard.open('/');
    await dashboard.seen(/0 of 5 done/);
    await dashboard.button('Connect your provider').click();
    await dashboard.field('Provider').selectOption('smtp');
    await dashboard.button('Connect and verify').click();
    await dashboard.seen('Host is required');
    expect(await findLookFaults(page, 'first-steps-connect')).toEqual([]);
    await dashboard.button('Connect the sandbox').click();
    await isDone('Connect a provider');

    await dashboard.field('To').fill('nobody');
    await dashboard.button('Send').click();
    await page.getByRole('alert').waitFor();
    await dashboard.field('To').fill('bounced@example.test');
    await dashboard.button('Send').click();
    await dashboard.seen('Bounced');
    await isDone('Send a test mail');

    await step('Add the domain you send from').click();
    await dashboard.field('Domain').fill('mail.yourapp.com');
    await dashboard.button('Add the domain').click();
    await dashboard.seen('_courierx.mail.yourapp.com');

    await step('Create an API key').click();
    await dashboard.seen(/cxk_live_your_key/);
    await dashboard.field('Name of the key').fill('The shop');
    await dashboard.button('Create the key').click();
    await dashboard.seen('It is shown this once. Keep it where your program reads it.');
    expect(await findLookFaults(page, 'first-steps-key')).toEqual([]);

    await step('Add a webhook').click();
    await dashboard.field('URL').fill(receiver.url);
    await dashboard.button('Add the webhook').click();
    await dashboard.seen(/^whsec_/);
    await dashboard.seen('You are set up');
  }, 120_000);

  it('shows calls that work as they are, with the new key in them', async () => {
    const sdk = join(folder, 'node_modules/@courierx/node');
    await mkdir(sdk, { recursive: true });
    await copyFile(join(SDK, 'package.json'), join(sdk, 'package.json'));
    await run(process.execPath, [join(SDK, 'build.js'), join(sdk, 'dist')]);
    const code = () => page.locator('pre:visible').innerText();
    const titles = ['Connect a provider', 'Send a test mail', 'Create an API key'];
    for (const [at, title] of [...titles, 'Add the domain', 'Add a webhook'].entries()) {
      if (title !== 'Add a webhook') await step(title).click();
      else if ((await step(title).getAttribute('aria-expanded')) === 'false') {
        await step(title).click();
      }
      // A domain can be added once, and each call is made twice.
      if (title === 'Add the domain') await dashboard.field('Domain').fill('curl.yourapp.com');
      await page.getByRole('tab', { name: 'curl' }).click();
      const made = JSON.parse(await runShell(await code())) as { id?: string; error?: string };
      expect(made, title).toHaveProperty('id');
      if (title === 'Add the domain') await dashboard.field('Domain').fill('node.yourapp.com');
      await page.getByRole('tab', { name: 'Node' }).click();
      const file = join(folder, `sample-${at}.mjs`);
      await writeFile(file, await code());
      await run(process.execPath, [file], { timeout: 30_000 });
    }
    const count = async (path: string) => ((await dashboard.call('GET', path)) as unknown[]).length;
    expect(await count('/provider_connections')).toBe(3);
    expect(await count('/emails')).toBe(3);
    expect(await count('/domains')).toBe(3);
    expect(await count('/api_keys')).toBe(3);
    expect(await count('/webhook_endpoints')).toBe(3);
  }, 120_000);

  it('closes the first steps, and brings them back from the settings', async () => {
    await dashboard.open('/');
    await page.getByRole('heading', { level: 1 }).waitFor();
    const keys = (await dashboard.call('GET', '/api_keys')) as ApiKey[];
    for (const { id } of keys) await dashboard.call('DELETE', `/api_keys/${id}`);
    await dashboard.open('/');
    await dashboard.seen(/4 of 5 done/);
    await dashboard.button('Close the first steps').click();
    await page.getByText(/4 of 5 done/).waitFor({ state: 'detached' });
    await dashboard.open('/settings');
    await dashboard.button('Show them again').click();
    await dashboard.open('/');
    await dashboard.seen(/4 of 5 done/);
  }, 120_000);

  it('makes keys of every kind, says who made them, and revokes', async () => {
    await dashboard.open('/api-keys');
    await dashboard.seen('No key yet');
    await dashboard.button('Make a key').click();
    await dashboard.field('Name').fill('Newsletter');
    await dashboard.field('May').selectOption('send');
    await dashboard.field('From this domain alone').fill('not a domain');
    await dashboard.button('Make').click();
    await page.getByRole('alert').waitFor();
    await dashboard.field('From this domain alone').fill('news.yourapp.com');
    await dashboard.field('Until').fill('2035-06-30');
    await dashboard.button('Make').click();
    await dashboard.seen(/^cxk_live_/);
    await dashboard.seen('from news.yourapp.com alone');
    await dashboard.seen('by a person, logged in');
    await dashboard.button('Make a key').click();
    await dashboard.field('Name').fill('Tests');
    await dashboard.field('Mode').selectOption('test');
    await dashboard.button('Make').click();
    await dashboard.seen(/^cxk_test_/);
    expect(await findLookFaults(page, 'api-keys-made')).toEqual([]);
    await dashboard.button('Revoke Newsletter').click();
    await dashboard.button('Revoke').click();
    await dashboard.button('Delete Newsletter').click();
    await dashboard.button('Delete').click();
    await page.getByText('Newsletter').waitFor({ state: 'detached' });
    await expect
      .poll(async () => ((await dashboard.call('GET', '/api_keys')) as ApiKey[]).length)
      .toBe(1);
  }, 120_000);

  it('shows the records of a domain, and looks at the DNS now', async () => {
    await dashboard.open('/domains');
    await dashboard.button('Verify now').first().click();
    await page
      .getByText(/^Looked at/)
      .first()
      .waitFor();
    expect(await findLookFaults(page, 'domains-records')).toEqual([]);
  }, 120_000);

  it('shows what the sandbox caught as it looks, and what comes while one looks', async () => {
    await dashboard.open('/sandbox');
    const frame = page.frameLocator('iframe[title="The mail as it looks"]');
    const html = '<h1>Your order</h1><script>document.title = "no"</script>';
    const mail = { from: 'Shop <shop@yourapp.test>', to: 'delivered@example.test', html };
    const inbox = page.getByRole('list', { name: 'Caught mail' });
    await inbox.getByRole('listitem').first().waitFor();
    const body = { ...mail, subject: 'Order 1234', text: 'Your order' };
    const sent = (await dashboard.call('POST', '/emails', body)) as Email;
    await inbox.getByText('Order 1234').click();
    await page.waitForURL(new RegExp(sent.id));
    await frame.getByRole('heading', { name: 'Your order' }).waitFor();
    await dashboard.button('As on a phone').click();
    expect(await findLookFaults(page, 'sandbox-mail')).toEqual([]);
    await page.getByRole('tab', { name: 'Text' }).click();
    await dashboard.seen('Your order');
    await page.getByRole('tab', { name: 'Raw' }).click();
    await dashboard.seen(/Subject: Order 1234/);
  }, 120_000);

  it('saves names, policies and retention', async () => {
    await dashboard.open('/settings');
    await dashboard.field('Name').fill('The shop');
    await dashboard.button('Save account').click();
    await dashboard.seen('Saved.');
    expect((await account()).name).toBe('The shop');
    expect(await findLookFaults(page, 'settings-account')).toEqual([]);

    await page.getByRole('link', { name: 'Sending and storage' }).click();
    // Not `check`: it shows as checked a moment after the click.
    await dashboard.field('Hold it for you to decide').click();
    await expect.poll(async () => (await account()).on_unknown).toBe('hold');
    await dashboard.field('Send from verified domains alone').click();
    await expect.poll(async () => (await account()).require_verified_domain).toBe(true);
    await dashboard.field('Send from verified domains alone').click();
    await expect.poll(async () => (await account()).require_verified_domain).toBe(false);

    await dashboard.field('Bodies and attachments, in days').fill('30');
    await dashboard.seen(/can’t be brought back/);
    expect(await findLookFaults(page, 'settings-sending')).toEqual([]);
    await dashboard.button('Save retention').click();
    // The policies above say so, too, and said it before.
    await page.locator('form').getByText('Saved.').waitFor();
    await page.reload();
    expect(await dashboard.field('Bodies and attachments, in days').inputValue()).toBe('30');
    expect(await account()).toMatchObject({ content_retention_days: 30, retention_days: null });
    await dashboard.field('Bodies and attachments, in days').fill('');
    await dashboard.button('Save retention').click();
    await expect.poll(async () => (await account()).content_retention_days).toBe(null);
  }, 120_000);

  it('takes back a policy that was refused', async () => {
    await page.route('**/api/v1/auth/me', (route) =>
      route.fulfill({ status: 503, json: { error: 'The database is away' } }),
    );
    await dashboard.field('Try the same connections again').click();
    await dashboard.seen('The database is away');
    await expect.poll(() => dashboard.field('Hold it for you to decide').isChecked()).toBe(true);
    await page.unroute('**/api/v1/auth/me');
    expect((await account()).on_unknown).toBe('hold');
  }, 120_000);

  it('tells in the audit log who did that, in words, with filters in the URL', async () => {
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByText('Changed the settings').first().waitFor();
    await dashboard.seen(/content retention days: none/);
    await dashboard.seen(/on unknown: hold/);
    await dashboard.seen(/content retention days: 30/);
    await page.locator('tbody').getByText('A person, logged in').first().waitFor();
    expect(await findLookFaults(page, 'settings-audit-log')).toEqual([]);
    await dashboard.field('What').selectOption('api_key');
    await page.waitForURL(/action=api_key/);
    await page.getByText('Changed the settings').first().waitFor({ state: 'detached' });
    await dashboard.field('By').selectOption('api_key');
    await dashboard.seen(/Key that is gone/);
    const entries = (await dashboard.call(
      'GET',
      '/audit_log?action=api_key&actor=api_key',
    )) as AuditEntry[];
    await dashboard.seen(`${entries.length} of ${entries.length}`);
  }, 120_000);

  it('goes through a long audit log page by page', async () => {
    for (let at = 0; at < 60; at += 1) {
      await dashboard.call('PATCH', '/auth/me', { name: `Shop ${at}` });
    }
    await dashboard.open('/settings/audit-log?action=account');
    await dashboard.seen(/^50 of/);
    await dashboard.button('Show more').click();
    await dashboard.seen(/Signed up/);
  }, 120_000);

  it('changes email and password, each with the old password', async () => {
    await dashboard.open('/settings');
    const section = (name: string) =>
      page.locator('section').filter({ has: page.getByRole('heading', { name, exact: true }) });
    const email = section('Email');
    await email.getByLabel('Email').fill('grace@example.com');
    await email.getByLabel('Current password').fill('wrong');
    await dashboard.button('Save email').click();
    await email.getByText('Current password is not the password of this account').waitFor();
    await email.getByLabel('Current password').fill(credentials.password);
    await dashboard.button('Save email').click();
    await email.getByText('Saved.').waitFor();
    expect((await account()).email).toBe('grace@example.com');

    const password = section('Password');
    await password.getByLabel('Current password').fill(credentials.password);
    await password.getByLabel('New password', { exact: true }).fill('another good password');
    await password.getByLabel('New password again').fill('something else here');
    await dashboard.button('Save password').click();
    await password.getByText('New password again does not match password').waitFor();
    await password.getByLabel('New password again').fill('another good password');
    await dashboard.button('Save password').click();
    await password.getByText('Saved.').waitFor();
    expect(await password.getByLabel('Current password').inputValue()).toBe('');
    // This browser stays signed in.
    await page.reload();
    await page.getByRole('heading', { name: 'Settings' }).waitFor();
  }, 120_000);

  it('deletes the account once its name is typed', async () => {
    await dashboard.button('Delete the account').click();
    await dashboard.field('Password').fill('wrong');
    expect(await dashboard.button('Delete it for good').isDisabled()).toBe(true);
    await dashboard.field('The account’s name').fill('Shop 59');
    await dashboard.button('Delete it for good').click();
    await dashboard.seen('Password is not the password of this account');
    expect(await findLookFaults(page, 'settings-delete')).toEqual([]);
    await dashboard.field('Password').fill('another good password');
    await dashboard.button('Delete it for good').click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await expect(
      dashboard.call('POST', '/auth/session', {
        email: 'grace@example.com',
        password: 'another good password',
      }),
    ).rejects.toThrow(/401/);
  }, 120_000);

  it('broke no rule of its own content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });
});
