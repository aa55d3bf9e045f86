import type { List } from '../internal/list.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { WebhookEventName } from '../webhooks.ts';
import type { PageInput } from './page-input.ts';

export type WebhookEndpoint = {
  id: string;
  url: string;
  description: string | null;
  /** Empty: every email event. */
  events: string[];
  enabled: boolean;
  disabledReason: string | null;
  failingSince: string | null;
  oldSecretUntil: string | null;
  createdAt: string;
  updatedAt: string;
};

/** `secret` is shown here and nowhere else. */
export type WebhookEndpointWithSecret = WebhookEndpoint & { secret: string };

export type UpdateWebhookEndpointInput = {
  url?: string | undefined;
  description?: string | null | undefined;
  /** Empty: every email event. */
  events?: readonly string[] | undefined;
  enabled?: boolean | undefined;
};

export type CreateWebhookEndpointInput = UpdateWebhookEndpointInput & { url: string };

export type WebhookDelivery = {
  /** Also the `webhook-id` header. */
  id: string;
  event: string;
  emailId: string | null;
  recipient: string | null;
  provider: string | null;
  timestamp: string;
  status: 'pending' | 'succeeded' | 'failed';
  attemptCount: number;
  nextAttemptAt: string | null;
  lastAttemptAt: string | null;
  lastStatusCode: number | null;
  lastError: string | null;
  createdAt: string;
};

export type WebhookDeliveryDetail = WebhookDelivery & {
  /** What is sent; `webhook-timestamp` and `webhook-signature` are of each attempt. */
  request: { headers: Record<string, string>; body: string };
  attempts: {
    number: number;
    statusCode: number | null;
    /** The first 2 KB of what was answered. */
    answer: string | null;
    error: string | null;
    latencyMs: number;
    attemptedAt: string;
  }[];
};

export type ListWebhookDeliveriesInput = PageInput & {
  status?: WebhookDelivery['status'] | undefined;
  event?: WebhookEventName | undefined;
};

/** A range of the events' times, all that was missed, or what was missed of a range. */
export type ReplayWebhooksInput = {
  from?: string | undefined;
  to?: string | undefined;
  missed?: boolean | undefined;
};

const PATH = '/webhook_endpoints';

export class WebhookEndpoints extends Resource {
  create(
    input: CreateWebhookEndpointInput,
    options?: CallOptions,
  ): Promise<WebhookEndpointWithSecret> {
    return this.request({ method: 'POST', path: PATH, body: input }, options);
  }

  /** Newest first. */
  list(input: PageInput = {}, options?: CallOptions): List<WebhookEndpoint> {
    return this.pages(PATH, input, options);
  }

  get(id: string, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.request({ method: 'GET', path: `${PATH}/${segment(id)}` }, options);
  }

  update(
    id: string,
    input: UpdateWebhookEndpointInput,
    options?: CallOptions,
  ): Promise<WebhookEndpoint> {
    return this.request({ method: 'PATCH', path: `${PATH}/${segment(id)}`, body: input }, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `${PATH}/${segment(id)}` }, options);
  }

  /** The secret before it signs beside the new one for 24 hours. */
  rotateSecret(id: string, options?: CallOptions): Promise<WebhookEndpointWithSecret> {
    return this.request({ method: 'POST', path: `${PATH}/${segment(id)}/rotate_secret` }, options);
  }

  /** Sends a sample event; its delivery is in the log. */
  test(
    id: string,
    input: { event?: string | undefined } = {},
    options?: CallOptions,
  ): Promise<WebhookDelivery> {
    const path = `${PATH}/${segment(id)}/test`;
    return this.request({ method: 'POST', path, body: input }, options);
  }

  /** Newest first. */
  deliveries(
    id: string,
    input: ListWebhookDeliveriesInput = {},
    options?: CallOptions,
  ): List<WebhookDelivery> {
    return this.pages(`${PATH}/${segment(id)}/deliveries`, input, options);
  }

  getDelivery(
    id: string,
    deliveryId: string,
    options?: CallOptions,
  ): Promise<WebhookDeliveryDetail> {
    const path = `${PATH}/${segment(id)}/deliveries/${segment(deliveryId)}`;
    return this.request({ method: 'GET', path }, options);
  }

  /** Sends one again, under the same id. */
  replayDelivery(id: string, deliveryId: string, options?: CallOptions): Promise<WebhookDelivery> {
    const path = `${PATH}/${segment(id)}/deliveries/${segment(deliveryId)}/replay`;
    return this.request({ method: 'POST', path }, options);
  }

  replay(
    id: string,
    input: ReplayWebhooksInput,
    options?: CallOptions,
  ): Promise<{ replayed: number }> {
    const path = `${PATH}/${segment(id)}/replay`;
    return this.request({ method: 'POST', path, body: input }, options);
  }
}
