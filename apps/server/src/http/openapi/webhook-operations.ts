import type { Operation } from './operation.ts';

/** Those on the endpoints of customers; see operations.ts. */
export const WEBHOOK_OPERATIONS: Readonly<Record<string, Operation>> = {
  'POST /api/v1/webhook_endpoints': {
    id: 'createWebhookEndpoint',
    tag: 'Webhooks',
    summary: 'Register a webhook endpoint',
    description:
      '`secret` is in this answer and nowhere else. Empty `events` means every email event; ' +
      'account events are told only where they are named.',
    example: {
      url: 'https://yourapp.com/webhooks/email',
      description: 'Email delivery events',
      events: ['delivered', 'bounced', 'opened', 'clicked'],
    },
  },
  'GET /api/v1/webhook_endpoints': {
    id: 'listWebhookEndpoints',
    tag: 'Webhooks',
    summary: 'List webhook endpoints, newest first',
  },
  'GET /api/v1/webhook_endpoints/:id': {
    id: 'getWebhookEndpoint',
    tag: 'Webhooks',
    summary: 'Get a webhook endpoint',
  },
  'PATCH /api/v1/webhook_endpoints/:id': {
    id: 'updateWebhookEndpoint',
    tag: 'Webhooks',
    summary: 'Change a webhook endpoint',
    description: 'A disabled endpoint keeps its events; replay sends them.',
    example: { enabled: true },
  },
  'DELETE /api/v1/webhook_endpoints/:id': {
    id: 'deleteWebhookEndpoint',
    tag: 'Webhooks',
    summary: 'Remove a webhook endpoint and its log',
  },
  'POST /api/v1/webhook_endpoints/:id/rotate_secret': {
    id: 'rotateWebhookSecret',
    tag: 'Webhooks',
    summary: 'Make a new signing secret',
    description: 'The old secret signs beside the new one for 24 hours.',
  },
  'POST /api/v1/webhook_endpoints/:id/test': {
    id: 'testWebhookEndpoint',
    tag: 'Webhooks',
    summary: 'Send a sample event',
    example: { event: 'delivered' },
  },
  'POST /api/v1/webhook_endpoints/:id/replay': {
    id: 'replayWebhooks',
    tag: 'Webhooks',
    summary: 'Send events again',
    description:
      'Those of a range of time, or with `missed` all that did not arrive. Ids stay the same.',
    example: { missed: true },
  },
  'GET /api/v1/webhook_endpoints/:id/deliveries': {
    id: 'listWebhookDeliveries',
    tag: 'Webhooks',
    summary: 'List deliveries, newest first',
  },
  'GET /api/v1/webhook_endpoints/:id/deliveries/:delivery_id': {
    id: 'getWebhookDelivery',
    tag: 'Webhooks',
    summary: 'Get a delivery with its attempts',
  },
  'POST /api/v1/webhook_endpoints/:id/deliveries/:delivery_id/replay': {
    id: 'replayWebhookDelivery',
    tag: 'Webhooks',
    summary: 'Send one delivery again',
    refusals: [409],
  },
};
