export { CourierX, type CourierXOptions } from './client.ts';
export * from './errors.ts';
export type { List, Page } from './internal/list.ts';
export type { CallOptions } from './internal/transport.ts';
export type * from './resources/account.ts';
export type * from './resources/analytics.ts';
export type * from './resources/api-keys.ts';
export type * from './resources/audit-log.ts';
export type * from './resources/domains.ts';
export type * from './resources/emails.ts';
export type * from './resources/page-input.ts';
export type * from './resources/provider-connections.ts';
export type * from './resources/routing-rules.ts';
export type * from './resources/suppressions.ts';
export type * from './resources/webhook-endpoints.ts';
export {
  verifyWebhook,
  type WebhookAccountEventName,
  type WebhookEmailEventName,
  type WebhookEvent,
  type WebhookEventName,
} from './webhooks.ts';
