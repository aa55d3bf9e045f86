import type {
  CreateProviderConnectionRequest,
  CreatedApiKey,
  Domain,
  Email,
  ProviderConnection,
  WebhookEndpointWithSecret,
} from '@courierx/contract';
import { queryOptions } from '@tanstack/react-query';
import { callApi, getPage } from '../../../lib/api-client.ts';

const count = (entity: string, path: string) =>
  queryOptions({
    queryKey: [entity, 'count'],
    queryFn: async ({ signal }) =>
      (await getPage<unknown>(path, { query: { per_page: 1 }, signal })).total ?? 0,
  });

export const domainCountQuery = count('domains', '/domains');
export const keyCountQuery = count('api-keys', '/api_keys');
export const webhookCountQuery = count('webhooks', '/webhook_endpoints');

/** The built-in provider, which keeps what it is given. */
export function connectSandbox(): Promise<ProviderConnection> {
  return connectProvider({ provider: 'sandbox', display_name: 'Sandbox' });
}

export function connectProvider(body: CreateProviderConnectionRequest) {
  return callApi<ProviderConnection>('POST', '/provider_connections', { body });
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

/** Of one that is on its way: asked for until it has arrived, or can't any more. */
export const sentEmailQuery = (id: string) =>
  queryOptions({
    queryKey: ['emails', 'first-steps', id],
    queryFn: ({ signal }) => callApi<Email>('GET', `/emails/${id}`, { signal }),
    refetchInterval: ({ state }) =>
      ['queued', 'sent'].includes(state.data?.status ?? 'queued') ? 1_000 : false,
  });

export function addDomain(domain: string): Promise<Domain> {
  return callApi('POST', '/domains', { body: { domain } });
}

export function makeKey(name: string): Promise<CreatedApiKey> {
  return callApi('POST', '/api_keys', { body: { name } });
}

/** What one wants to hear of first. */
export const FIRST_EVENTS = ['delivered', 'bounced', 'complained', 'failed'] as const;

export function addWebhook(url: string): Promise<WebhookEndpointWithSecret> {
  return callApi('POST', '/webhook_endpoints', { body: { url, events: FIRST_EVENTS } });
}
