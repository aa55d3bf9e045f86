import type { List } from '../internal/list.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { PageInput } from './page-input.ts';

export type ProviderName =
  'sendgrid' | 'aws_ses' | 'mailgun' | 'postmark' | 'resend' | 'smtp' | 'sandbox';

export type Verification = { status: 'verified' | 'failed' | 'unreachable'; message: string };

export type ProviderConnection = {
  id: string;
  provider: ProviderName;
  displayName: string;
  /** Lower is tried first. */
  priority: number;
  enabled: boolean;
  status: 'verified' | 'unverified' | 'invalid';
  verification: Verification;
  verifiedAt: string | null;
  /** The last four characters. */
  credentialsHint: string | null;
  region: string | null;
  configurationSet: string | null;
  messageStream: string | null;
  smtpHost: string | null;
  smtpPort: number | null;
  smtpTls: SmtpTls | null;
  /** Sessions that one worker opens at once; null: 10. */
  smtpSessions: number | null;
  endpoint: string | null;
  webhookUrl: string;
  webhookSecretSet: boolean;
  /** Whether the provider tells CourierX what becomes of mails. */
  webhookStatus: 'not_set_up' | 'waiting' | 'hearing' | 'silent';
  lastEventAt: string | null;
  pausedUntil: string | null;
  pauseReason: string | null;
  health: ConnectionHealth;
  /** Mails a second, by all workers together; null: no cap. */
  maxPerSecond: number | null;
  /** Mails a day (UTC). */
  maxPerDay: number | null;
  /** Mails a month (UTC). */
  maxPerMonth: number | null;
  /** Of a hundred mails, how many go first to this connection when it is not first. */
  keepWarmPercent: number;
  /** What the provider says of the account; null where it says nothing. */
  learned: LearnedFacts | null;
  createdAt: string;
  updatedAt: string;
};

/**
 * `healthy`: takes all mail. `throttled`: rests for a moment. `degraded`: takes none for some
 * receivers. `down`: takes none. `recovering`: is tried with a few mails. `invalid`: the provider
 * refuses its credentials.
 */
export type ConnectionHealth = Trouble & {
  state: 'healthy' | 'throttled' | 'degraded' | 'down' | 'recovering' | 'invalid';
  /** Those it takes no mail for: domains, or mail services such as gmail. */
  receivers: (Trouble & { receiver: string; state: 'down' | 'recovering' })[];
};

type Trouble = { since: string | null; reason: string | null; nextProbeAt: string | null };

export type LearnedFacts = {
  /** Mails a second. */
  maxSendRate: number | null;
  /** Mails in 24 hours. */
  dailyQuota: number | null;
  sentToday: number | null;
  sandboxed: boolean | null;
  verifiedSenders: string[] | null;
};

/** Over the newest 1,000 attempts of the account. */
export type ConnectionUsage = {
  connectionId: string;
  attempts: number;
  /** Those of them that the provider took. */
  accepted: number;
  /** Of all that were accepted, by any connection: 0 to 1. */
  share: number;
  /** Of those accepted; null where there is none. */
  latencyMs: { median: number; p95: number } | null;
  /** Of `maxPerDay`; null without that cap. */
  usedToday: number | null;
  /** Of `maxPerMonth`; null without that cap. */
  usedThisMonth: number | null;
};

export type WebhookSetup = {
  status: 'created' | 'updated' | 'manual' | 'failed' | 'unreachable';
  message: string;
  /** What to do by hand, where the provider has no API for it. */
  steps: string[];
  /** One that was made just now; shown this once. */
  webhookSecret: string | null;
};

export type SmtpTls = 'starttls' | 'implicit' | 'none';

/** Which of these a provider takes stands in the guide on providers. */
export type ProviderCredentials = {
  apiKey?: string | undefined;
  secret?: string | undefined;
  region?: string | undefined;
  configurationSet?: string | undefined;
  messageStream?: string | undefined;
  smtpHost?: string | undefined;
  smtpPort?: number | undefined;
  smtpTls?: SmtpTls | undefined;
  smtpSessions?: number | null | undefined;
  endpoint?: string | null | undefined;
  webhookSecret?: string | null | undefined;
};

export type UpdateProviderConnectionInput = ProviderCredentials & {
  displayName?: string | undefined;
  priority?: number | undefined;
  enabled?: boolean | undefined;
  maxPerSecond?: number | null | undefined;
  maxPerDay?: number | null | undefined;
  maxPerMonth?: number | null | undefined;
  keepWarmPercent?: number | undefined;
};

export type CreateProviderConnectionInput = UpdateProviderConnectionInput & {
  provider: ProviderName;
};

const PATH = '/provider_connections';

export class ProviderConnections extends Resource {
  /** Refused credentials reject with a `ValidationError`, and nothing is stored. */
  create(input: CreateProviderConnectionInput, options?: CallOptions): Promise<ProviderConnection> {
    return this.request({ method: 'POST', path: PATH, body: input }, options);
  }

  /** In the order they are tried. */
  list(input: PageInput = {}, options?: CallOptions): List<ProviderConnection> {
    return this.pages(PATH, input, options);
  }

  /** What each was used for lately, in the order they are tried. */
  usage(options?: CallOptions): Promise<ConnectionUsage[]> {
    return this.request({ method: 'GET', path: `${PATH}/usage` }, options);
  }

  get(id: string, options?: CallOptions): Promise<ProviderConnection> {
    return this.request({ method: 'GET', path: `${PATH}/${segment(id)}` }, options);
  }

  update(
    id: string,
    input: UpdateProviderConnectionInput,
    options?: CallOptions,
  ): Promise<ProviderConnection> {
    return this.request({ method: 'PATCH', path: `${PATH}/${segment(id)}`, body: input }, options);
  }

  /** `ids`: those of all connections, the one to try first in front. All change, or none. */
  reorder(ids: readonly string[], options?: CallOptions): Promise<void> {
    return this.perform(
      // Done twice it is as done once.
      { method: 'POST', path: `${PATH}/reorder`, body: { ids }, isRepeatable: true },
      options,
    );
  }

  /** Asks the provider; sends nothing. */
  async verify(id: string, options?: CallOptions): Promise<Verification> {
    const { verification } = await this.request<{ verification: Verification }>(
      // Asking twice does no harm.
      { method: 'POST', path: `${PATH}/${segment(id)}/verify`, isRepeatable: true },
      options,
    );
    return verification;
  }

  /** Makes or mends the webhook on your account with the provider, or says what to do by hand. */
  setupWebhook(
    id: string,
    options?: CallOptions,
  ): Promise<{ webhookSetup: WebhookSetup; providerConnection: ProviderConnection }> {
    const path = `${PATH}/${segment(id)}/setup_webhook`;
    // Done twice it is as done once.
    return this.request({ method: 'POST', path, isRepeatable: true }, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `${PATH}/${segment(id)}` }, options);
  }
}
