import type { WebhookDelivery, WebhookEndpoint } from '@courierx/contract';
import type { Browser } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answers, startReceiver } from '../fakes/webhook-receiver.ts';
import { openBrowser } from '../support/browser.ts';
import { findLookFaults } from '../support/dashboard-looks.ts';
import { startDashboard, type Dashboard } from '../support/dashboard.ts';

const browser: Browser | null = await openBrowser();

describe.runIf(browser !== null)('webhooks in the dashboard', () => {
  let dashboard: Dashboard;
  let page: Dashboard['page'];
  let receiver: Awaited<ReturnType<typeof startReceiver>>;
  let secret: string;
  const firstRow = () => page.locator('tbody tr').first();
  const endpoint = async () => {
    const [only] = (await dashboard.call('GET', '/webhook_endpoints')) as WebhookEndpoint[];
    if (!only) throw new Error('There is no endpoint');
    return only;
  };
  const deliveries = async (query = '') => {
    const { id } = await endpoint();
    return dashboard.call('GET', `/webhook_endpoints/${id}/deliveries${query}`) as Promise<
      WebhookDelivery[]
    >;
  };
  const shownSecret = async () => {
    const code = page.locator('code').filter({ hasText: /^whsec_/ });
    return (await code.first().textContent()) ?? '';
  };

  beforeAll(async () => {
    dashboard = await startDashboard(browser as Browser);
    ({ page } = dashboard);
    receiver = await startReceiver();
    await dashboard.signUp();
    const sandbox = { provider: 'sandbox', display_name: 'Sandbox' };
    await dashboard.call('POST', '/provider_connections', sandbox);
  }, 180_000);

  afterAll(async () => {
    await dashboard.close();
    await browser?.close();
    await receiver.close();
  });

  it('adds an endpoint with events that are picked, and shows its secret once', async () => {
    await dashboard.open('/webhooks');
    await dashboard.seen('No endpoint yet');
    await dashboard.button('Add an endpoint').click();
    await dashboard.field('URL').fill('ftp://yourapp.com');
    await dashboard.button('Add').click();
    await dashboard.seen('url must be an http or https address');
    await dashboard.field('URL').fill(receiver.url);
    await dashboard.field('Description').fill('The shop');
    expect(await dashboard.field('Every email event').isChecked()).toBe(true);
    await dashboard.field('delivered').check();
    await dashboard.field('connection.degraded').check();
    expect(await dashboard.field('Every email event').isChecked()).toBe(false);
    expect(await findLookFaults(page, 'webhooks-add')).toEqual([]);
    await dashboard.button('Add').click();
    await dashboard.seen(/^whsec_/);
    secret = await shownSecret();
    expect((await endpoint()).events).toEqual(['delivered', 'connection.degraded']);
    await page.reload();
    await dashboard.seen(receiver.url);
    expect(await page.getByText(/^whsec_/).count()).toBe(0);
  }, 120_000);

  it('shows a delivery with its payload, its headers and the answer', async () => {
    const body = { from: 'a@yourapp.test', to: 'b@example.test', subject: 'x', text: 'x' };
    const metadata = { user_id: 'usr_123' };
    await dashboard.call('POST', '/emails', { ...body, metadata });
    await dashboard.open('/webhooks');
    await page.getByRole('link', { name: receiver.url }).click();
    await firstRow().getByText('Succeeded').waitFor();
    await firstRow().getByRole('button', { name: 'delivered', exact: true }).click();
    await dashboard.seen(/"user_id": "usr_123"/);
    await dashboard.seen('Answered 200');
    await dashboard.seen('answer 200');
    expect(await findLookFaults(page, 'webhooks-delivery')).toEqual([]);
    await page.getByRole('tab', { name: 'Headers' }).click();
    const [got] = receiver.received;
    await dashboard.seen(new RegExp(`webhook-id: ${got?.id ?? ''}`));
    await page.getByRole('tab', { name: /^Attempts/ }).click();
    await dashboard.seen('1. answered 200');
    const headers = got?.headers as Record<string, string>;
    new Webhook(secret).verify(got?.body ?? '', headers);
    await dashboard.button('Replay').click();
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(2);
    await dashboard.seen('Attempts (2)');
    await dashboard.button('Close').click();
  }, 120_000);

  it('rotates the secret, and both sign', async () => {
    await dashboard.button('Rotate the secret').click();
    await dashboard.seen(/signs beside it for 24 hours/);
    await dashboard.button('Rotate').click();
    await dashboard.seen(/^whsec_/);
    await dashboard.seen(/Its old secret signs too/);
    const next = await shownSecret();
    expect(next).not.toBe(secret);
    await dashboard.field('Event of the test').selectOption('bounced');
    await dashboard.button('Send a test').click();
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(3);
    const { body = '', headers } = receiver.received[2] ?? {};
    for (const each of [secret, next]) {
      const event = new Webhook(each).verify(body, headers as Record<string, string>);
      expect(event).toMatchObject({ event: 'bounced' });
    }
  }, 120_000);

  it('filters the log by status and event, in the URL', async () => {
    receiver.behave(answers(500));
    await dashboard.button('Send a test').click();
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(4);
    await dashboard.field('Status').selectOption('pending');
    await page.waitForURL(/status=pending/);
    await dashboard.seen('1 of 1');
    await firstRow().getByText('500').waitFor();
    await dashboard.field('Status').selectOption('');
    await dashboard.field('Event').selectOption('delivered');
    await page.waitForURL(/event=delivered/);
    await firstRow().getByRole('button', { name: 'delivered', exact: true }).waitFor();
    await dashboard.seen('1 of 1');
    await dashboard.field('Event').selectOption('opened');
    await dashboard.seen('None is like that');
    await dashboard.field('Event').selectOption('');
    await firstRow().waitFor();
    expect(await findLookFaults(page, 'webhooks-endpoint')).toEqual([]);
  }, 120_000);

  it('disables it, keeps what it misses, and replays that', async () => {
    await dashboard.button('Disable').click();
    await dashboard.seen(/You disabled it/);
    await expect.poll(async () => (await endpoint()).enabled).toBe(false);
    const mail = { from: 'a@yourapp.test', to: 'c@example.test', subject: 'x', text: 'x' };
    await dashboard.call('POST', '/emails', mail);
    await expect
      .poll(async () => (await deliveries('?event=delivered')).length, { timeout: 20_000 })
      .toBe(2);
    expect((await deliveries('?event=delivered'))[0]).toMatchObject({
      ...{ recipient: 'c@example.test', attempt_count: 0, next_attempt_at: null },
    });
    receiver.behave(answers(200));
    await dashboard.button('Enable').click();
    await dashboard.button('Replay many').click();
    await dashboard.button('Replay all missed').click();
    await dashboard.seen('2 on their way.');
    await expect
      .poll(async () => (await deliveries('?status=succeeded')).length, { timeout: 20_000 })
      .toBe(4);
    await dashboard.button('Replay all missed').click();
    await dashboard.seen('There is nothing to send.');
    expect(await findLookFaults(page, 'webhooks-replay')).toEqual([]);
  }, 120_000);

  it('replays a range, and says what is wrong with one', async () => {
    await dashboard.field('From').fill('2030-01-02T00:00');
    await dashboard.field('To').fill('2030-01-01T00:00');
    await dashboard.button('Replay the range').click();
    await dashboard.seen('from must be before to');
    const before = receiver.received.length;
    await dashboard.field('From').fill('2020-01-01T00:00');
    await dashboard.button('Replay the range').click();
    await dashboard.seen('4 on their way.');
    await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBe(before + 4);
    await dashboard.button('Close').click();
  }, 120_000);

  it('takes back a switch that was refused', async () => {
    await dashboard.open('/webhooks');
    await firstRow().getByText('Enabled').waitFor();
    expect(await findLookFaults(page, 'webhooks-list')).toEqual([]);
    let refuse = () => {};
    const isRefused = new Promise<void>((resolve) => (refuse = resolve));
    await page.route('**/api/v1/webhook_endpoints/*', async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      await isRefused;
      return route.fulfill({ status: 409, json: { error: 'Somebody else changes it' } });
    });
    await dashboard.button(`Disable ${receiver.url}`).click();
    await firstRow().getByText('Disabled').waitFor();
    refuse();
    await dashboard.seen('Somebody else changes it');
    await firstRow().getByText('Enabled').waitFor();
    await page.unroute('**/api/v1/webhook_endpoints/*');
  }, 120_000);

  it('edits it, and removes it', async () => {
    await page.getByRole('link', { name: receiver.url }).click();
    await dashboard.button('Edit').click();
    expect(await dashboard.field('delivered').isChecked()).toBe(true);
    await dashboard.field('Every email event').check();
    await dashboard.field('Description').fill('The new shop');
    await dashboard.button('Save').click();
    await page.getByRole('heading', { name: 'The new shop' }).waitFor();
    expect(await endpoint()).toMatchObject({ events: [], description: 'The new shop' });
    await dashboard.button('Remove').click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove' }).click();
    await dashboard.seen('No endpoint yet');
  }, 120_000);

  it('broke no rule of its own content policy', () => {
    expect(dashboard.problems).toEqual([]);
  });
});
