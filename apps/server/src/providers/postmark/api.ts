import type { Connection } from '../connection.ts';
import { toDetail } from '../detail.ts';
import type { ProviderAnswer, ProviderHttp, ProviderRequest, ProviderResponse } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';

const BASE_URL = 'https://api.postmarkapp.com';
const DEFAULT_STREAM = 'outbound';

export type ApiCall = {
  readonly method: ProviderRequest['method'];
  /** Such as `/email`. */
  readonly path: string;
  readonly body?: unknown;
};

export function tokenOf({ secrets }: Connection): string {
  return secrets.api_key ?? '';
}

export function streamOf({ settings }: Connection): string {
  return settings.message_stream ?? DEFAULT_STREAM;
}

/** Asks Postmark's API with the connection's server token. */
export function callPostmark(
  http: ProviderHttp,
  { connection, call }: { connection: Connection; call: ApiCall },
  signal: AbortSignal,
): Promise<ProviderResponse> {
  const { method, path, body } = call;
  const baseUrl = (connection.settings.endpoint ?? BASE_URL).replace(/\/+$/, '');
  return http.request(
    {
      method,
      url: `${baseUrl}${path}`,
      headers: {
        'x-postmark-server-token': tokenOf(connection),
        'content-type': 'application/json',
        accept: 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    signal,
  );
}

/** `{ "ErrorCode": 300, "Message": "…" }`; the codes are no HTTP statuses. */
export type PostmarkError = { readonly code: number | null; readonly message: string };

export function readError({ body }: ProviderAnswer): PostmarkError | null {
  const parsed = parseJson(body);
  if (!isRecord(parsed)) return null;
  const { ErrorCode: code, Message: message } = parsed;
  return {
    code: typeof code === 'number' ? code : null,
    message: typeof message === 'string' ? message : '',
  };
}

/** Postmark's words on one line, or the status where it has none. */
export function describeAnswer(answer: ProviderAnswer, token: string): string {
  return toDetail(readError(answer)?.message || `HTTP ${answer.status}`, [token]);
}
