import { Type, type Static } from 'typebox';
import { Id, nullable, Paging, Timestamp } from './common.ts';

/** What happens to one recipient's copy of an email. */
export const WEBHOOK_EMAIL_EVENTS = [
  ...(['delivered', 'bounced', 'complained', 'opened', 'clicked', 'unsubscribed'] as const),
  ...(['failed', 'sent', 'deferred', 'suppressed'] as const),
] as const;

/** What happens to the account's own things: told only where an endpoint names it. */
export const WEBHOOK_ACCOUNT_EVENTS = [
  ...(['connection.degraded', 'connection.recovered', 'connection.silent'] as const),
  ...(['domain.unverified', 'webhook_endpoint.disabled'] as const),
] as const;

export const WEBHOOK_EVENTS = [...WEBHOOK_EMAIL_EVENTS, ...WEBHOOK_ACCOUNT_EVENTS] as const;
export type WebhookEventName = (typeof WEBHOOK_EVENTS)[number];

export const WEBHOOK_DELIVERY_STATUSES = ['pending', 'succeeded', 'failed'] as const;
export type WebhookDeliveryStatus = (typeof WEBHOOK_DELIVERY_STATUSES)[number];

const fields = {
  description: Type.Optional(nullable(Type.String({ maxLength: 500 }))),
  events: Type.Optional(
    Type.Array(Type.String({ maxLength: 64 }), {
      maxItems: 50,
      description: `Empty: every email event. Known: ${WEBHOOK_EVENTS.join(', ')}.`,
    }),
  ),
  enabled: Type.Optional(Type.Boolean()),
};
const Url = Type.String({ minLength: 1, maxLength: 2048 });

export const CreateWebhookEndpointRequest = Type.Object(
  { url: Url, ...fields },
  { additionalProperties: false },
);
export type CreateWebhookEndpointRequest = Static<typeof CreateWebhookEndpointRequest>;

export const UpdateWebhookEndpointRequest = Type.Object(
  { url: Type.Optional(Url), ...fields },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateWebhookEndpointRequest = Static<typeof UpdateWebhookEndpointRequest>;

const endpoint = {
  id: Id,
  url: Type.String(),
  description: nullable(Type.String()),
  events: Type.Array(Type.String()),
  enabled: Type.Boolean(),
  disabled_reason: nullable(
    Type.String({ description: '`failing`, `gone` (it answered 410) or `request` (yours).' }),
  ),
  failing_since: nullable(Timestamp),
  old_secret_until: nullable(Timestamp),
  created_at: Timestamp,
  updated_at: Timestamp,
};

export const WebhookEndpoint = Type.Object(endpoint);
export type WebhookEndpoint = Static<typeof WebhookEndpoint>;

/** An endpoint with its secret: after its making, and after a rotation. */
export const WebhookEndpointWithSecret = Type.Object({
  ...endpoint,
  secret: Type.String({ description: 'Signs every webhook. Shown here and nowhere else.' }),
});
export type WebhookEndpointWithSecret = Static<typeof WebhookEndpointWithSecret>;

export const TestWebhookRequest = Type.Object(
  { event: Type.Optional(Type.Enum([...WEBHOOK_EVENTS], { default: 'delivered' })) },
  { additionalProperties: false },
);
export type TestWebhookRequest = Static<typeof TestWebhookRequest>;

const delivery = {
  id: Type.String({ format: 'uuid', description: 'Also the `webhook-id` header.' }),
  event: Type.String(),
  email_id: nullable(Id),
  recipient: nullable(Type.String()),
  provider: nullable(Type.String()),
  timestamp: Timestamp,
  status: Type.Enum([...WEBHOOK_DELIVERY_STATUSES]),
  attempt_count: Type.Integer(),
  next_attempt_at: nullable(Timestamp),
  last_attempt_at: nullable(Timestamp),
  last_status_code: nullable(Type.Integer()),
  last_error: nullable(Type.String()),
  created_at: Timestamp,
};

export const WebhookDelivery = Type.Object(delivery);
export type WebhookDelivery = Static<typeof WebhookDelivery>;

export const WebhookDeliveryDetail = Type.Object({
  ...delivery,
  request: Type.Object(
    {
      headers: Type.Record(Type.String(), Type.String()),
      body: Type.String({ description: 'JSON, as it is signed.' }),
    },
    {
      description: 'What is sent; `webhook-timestamp` and `webhook-signature` are of each attempt.',
    },
  ),
  attempts: Type.Array(
    Type.Object({
      number: Type.Integer(),
      status_code: nullable(Type.Integer()),
      answer: nullable(Type.String({ description: 'The first 2 KB of what was answered.' })),
      error: nullable(Type.String()),
      latency_ms: Type.Integer(),
      attempted_at: Timestamp,
    }),
  ),
});
export type WebhookDeliveryDetail = Static<typeof WebhookDeliveryDetail>;

export const ListWebhookDeliveriesQuery = Type.Object(
  {
    ...Paging,
    status: Type.Optional(Type.Enum([...WEBHOOK_DELIVERY_STATUSES])),
    event: Type.Optional(Type.Enum([...WEBHOOK_EVENTS])),
  },
  { additionalProperties: false },
);
export type ListWebhookDeliveriesQuery = Static<typeof ListWebhookDeliveriesQuery>;

/** Either a range of time, by the events' timestamps, or all that was missed. */
export const ReplayWebhooksRequest = Type.Object(
  {
    from: Type.Optional(Timestamp),
    to: Type.Optional(Timestamp),
    missed: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ReplayWebhooksRequest = Static<typeof ReplayWebhooksRequest>;

export const ReplayAnswer = Type.Object({
  replayed: Type.Integer({ description: 'Deliveries that are due again.' }),
});
export type ReplayAnswer = Static<typeof ReplayAnswer>;

export const WebhookDeliveryParams = Type.Object({
  id: Type.String(),
  delivery_id: Type.String(),
});
export type WebhookDeliveryParams = Static<typeof WebhookDeliveryParams>;
