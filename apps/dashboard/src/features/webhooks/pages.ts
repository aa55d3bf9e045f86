import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/webhooks',
    title: 'Webhooks',
    load: async () => (await import('./components/webhooks-page.tsx')).WebhooksPage,
  },
  {
    path: '/webhooks/$endpointId',
    title: 'Webhook',
    load: async () => (await import('./components/endpoint-page.tsx')).EndpointPage,
  },
];
