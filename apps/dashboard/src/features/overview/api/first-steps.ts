import type { Email, ProviderConnection } from '@courierx/contract';
import { callApi } from '../../../lib/api-client.ts';

/** The built-in provider, which keeps what it is given. */
export function connectSandbox(): Promise<ProviderConnection> {
  const body = { provider: 'sandbox', display_name: 'Sandbox' };
  return callApi('POST', '/provider_connections', { body });
}

export function sendTestEmail(body: {
  readonly from: string;
  readonly to: string;
}): Promise<Email> {
  const subject = 'Hello from CourierX';
  const text = 'It works: this mail went through your own connection.';
  const html = `<h1>Hello</h1><p>${text}</p>`;
  return callApi('POST', '/emails', { body: { ...body, subject, text, html, tags: ['test'] } });
}
