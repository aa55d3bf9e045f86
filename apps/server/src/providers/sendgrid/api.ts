import type { Connection, ConnectionSettings } from '../connection.ts';
import type { ProviderHttp, ProviderRequest, ProviderResponse } from '../http.ts';

/** By the region of the account; a key belongs to one of them. */
export const HOSTS: Readonly<Record<string, string>> = {
  global: 'https://api.sendgrid.com',
  eu: 'https://api.eu.sendgrid.com',
};

export type ApiCall = {
  readonly method: ProviderRequest['method'];
  /** Such as `/v3/mail/send`. */
  readonly path: string;
  readonly body?: unknown;
};

export function apiKeyOf(connection: Connection): string {
  return connection.secrets.api_key ?? '';
}

/** Asks SendGrid's API with the connection's key. */
export function callSendGrid(
  http: ProviderHttp,
  { connection, call }: { connection: Connection; call: ApiCall },
  signal: AbortSignal,
): Promise<ProviderResponse> {
  const { method, path, body } = call;
  return http.request(
    {
      method,
      url: `${baseUrlOf(connection.settings)}${path}`,
      headers: {
        authorization: `Bearer ${apiKeyOf(connection)}`,
        'content-type': 'application/json',
        accept: 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    signal,
  );
}

function baseUrlOf({ endpoint, region }: ConnectionSettings): string {
  return (endpoint ?? HOSTS[region ?? 'global'] ?? '').replace(/\/+$/, '');
}
