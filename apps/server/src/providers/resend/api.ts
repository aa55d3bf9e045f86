import type { Connection } from '../connection.ts';
import type { ProviderHttp, ProviderRequest, ProviderResponse } from '../http.ts';

const BASE_URL = 'https://api.resend.com';
/** Resend answers 403 to a request that does not say who asks. */
const USER_AGENT = 'CourierX';

export type ApiCall = {
  readonly method: ProviderRequest['method'];
  /** Such as `/emails`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export function apiKeyOf(connection: Connection): string {
  return connection.secrets.api_key ?? '';
}

/** Asks Resend's API with the connection's key. */
export function callResend(
  http: ProviderHttp,
  { connection, call }: { connection: Connection; call: ApiCall },
  signal: AbortSignal,
): Promise<ProviderResponse> {
  const { method, path, headers, body } = call;
  const baseUrl = (connection.settings.endpoint ?? BASE_URL).replace(/\/+$/, '');
  return http.request(
    {
      method,
      url: `${baseUrl}${path}`,
      headers: {
        authorization: `Bearer ${apiKeyOf(connection)}`,
        accept: 'application/json',
        'user-agent': USER_AGENT,
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    signal,
  );
}
