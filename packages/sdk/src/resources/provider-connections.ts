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
  endpoint: string | null;
  webhookUrl: string;
  webhookSecretSet: boolean;
  pausedUntil: string | null;
  pauseReason: string | null;
  createdAt: string;
  updatedAt: string;
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
  endpoint?: string | null | undefined;
  webhookSecret?: string | null | undefined;
};

export type UpdateProviderConnectionInput = ProviderCredentials & {
  displayName?: string | undefined;
  priority?: number | undefined;
  enabled?: boolean | undefined;
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

  /** Asks the provider; sends nothing. */
  async verify(id: string, options?: CallOptions): Promise<Verification> {
    const { verification } = await this.request<{ verification: Verification }>(
      // Asking twice does no harm.
      { method: 'POST', path: `${PATH}/${segment(id)}/verify`, isRepeatable: true },
      options,
    );
    return verification;
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `${PATH}/${segment(id)}` }, options);
  }
}
