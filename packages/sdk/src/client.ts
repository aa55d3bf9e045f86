import { CourierXError } from './errors.ts';
import { readEnvironment } from './internal/environment.ts';
import { Transport } from './internal/transport.ts';
import { AccountResource } from './resources/account.ts';
import { Analytics } from './resources/analytics.ts';
import { ApiKeys } from './resources/api-keys.ts';
import { AuditLog } from './resources/audit-log.ts';
import { Domains } from './resources/domains.ts';
import { Emails } from './resources/emails.ts';
import { ProviderConnections } from './resources/provider-connections.ts';
import { RoutingRules } from './resources/routing-rules.ts';
import { Suppressions } from './resources/suppressions.ts';
import { WebhookEndpoints } from './resources/webhook-endpoints.ts';
import { verifyWebhook } from './webhooks.ts';

export type CourierXOptions = {
  /** An API key or a session token; default: `COURIERX_API_KEY` of the environment. */
  apiKey?: string | undefined;
  /** Default: `COURIERX_BASE_URL` of the environment, else `https://api.courierx.dev`. */
  baseUrl?: string | undefined;
  /** Milliseconds one try may take; default 30,000. */
  timeoutMs?: number | undefined;
  /** Further tries after the first, where a call may be repeated; default 2. */
  maxRetries?: number | undefined;
  /** Another `fetch`, for proxies and tests. */
  fetch?: typeof fetch | undefined;
};

const DEFAULT_BASE_URL = 'https://api.courierx.dev';

/** A client of one CourierX account. Holds no connection: make one and keep it, or many. */
export class CourierX {
  readonly account: AccountResource;
  readonly analytics: Analytics;
  readonly apiKeys: ApiKeys;
  readonly auditLog: AuditLog;
  readonly domains: Domains;
  readonly emails: Emails;
  readonly providerConnections: ProviderConnections;
  readonly routingRules: RoutingRules;
  readonly suppressions: Suppressions;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly webhooks = { verify: verifyWebhook };

  constructor(options: CourierXOptions = {}) {
    const transport = new Transport({
      apiKey: options.apiKey ?? readEnvironment('COURIERX_API_KEY'),
      baseUrl: checkBaseUrl(
        options.baseUrl ?? readEnvironment('COURIERX_BASE_URL') ?? DEFAULT_BASE_URL,
      ),
      timeoutMs: options.timeoutMs ?? 30_000,
      maxRetries: options.maxRetries ?? 2,
      // Bound: the platform's own must not lose its receiver.
      fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    });
    this.account = new AccountResource(transport);
    this.analytics = new Analytics(transport);
    this.apiKeys = new ApiKeys(transport);
    this.auditLog = new AuditLog(transport);
    this.domains = new Domains(transport);
    this.emails = new Emails(transport);
    this.providerConnections = new ProviderConnections(transport);
    this.routingRules = new RoutingRules(transport);
    this.suppressions = new Suppressions(transport);
    this.webhookEndpoints = new WebhookEndpoints(transport);
  }
}

function checkBaseUrl(baseUrl: string): string {
  if (!/^https?:\/\/[^/?#]/.test(baseUrl)) {
    throw new CourierXError(`baseUrl must start with http:// or https://, not "${baseUrl}"`);
  }
  return baseUrl.replace(/\/+$/, '').replace(/\/api\/v1$/, '');
}
