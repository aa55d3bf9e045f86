import { parseDomain } from '../../lib/address.ts';
import type { Connection } from '../connection.ts';
import { toDetail } from '../detail.ts';
import type { ProviderAnswer, ProviderHttp, ProviderRequest, ProviderResponse } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';

/** A domain lives in one of them; the other does not know it. */
const HOSTS: Readonly<Record<string, string>> = {
  us: 'https://api.mailgun.net',
  eu: 'https://api.eu.mailgun.net',
};

export const REGIONS: readonly string[] = Object.keys(HOSTS);

export type ApiCall = {
  readonly method: ProviderRequest['method'];
  /** Such as `/v4/domains/mg.example.com`. */
  readonly path: string;
  readonly form?: FormData | URLSearchParams;
};

export function apiKeyOf({ secrets }: Connection): string {
  return secrets.api_key ?? '';
}

/** The sending domain, fit for a path: a slash in it would lead to another page that answers 200. */
export function domainOf({ settings }: Connection): string {
  return encodeURIComponent(parseDomain(settings.smtp_host ?? '') ?? '');
}

/** Asks Mailgun's API with the connection's key. */
export async function callMailgun(
  http: ProviderHttp,
  { connection, call }: { connection: Connection; call: ApiCall },
  signal: AbortSignal,
): Promise<ProviderResponse> {
  const { method, path, form } = call;
  const { endpoint, region = 'us' } = connection.settings;
  const baseUrl = (endpoint ?? HOSTS[region] ?? '').replace(/\/+$/, '');
  const encoded = form && (await encode(form));
  const login = Buffer.from(`api:${apiKeyOf(connection)}`).toString('base64');
  return http.request(
    {
      method,
      url: `${baseUrl}${path}`,
      headers: {
        authorization: `Basic ${login}`,
        accept: 'application/json',
        ...(encoded && { 'content-type': encoded.type }),
      },
      ...(encoded && { body: encoded.body }),
    },
    signal,
  );
}

/** Names and values can't leave their field: the platform escapes names and picks the boundary. */
async function encode(form: FormData | URLSearchParams): Promise<{ body: Buffer; type: string }> {
  const encoded = new Response(form);
  return {
    body: Buffer.from(await encoded.arrayBuffer()),
    type: encoded.headers.get('content-type') ?? '',
  };
}

/** Mailgun's words: `message`, or of its webhook API `Reason` and `Description`; else its text. */
export function describeAnswer(answer: ProviderAnswer, apiKey: string): string {
  const parsed = parseJson(answer.body);
  const words = isRecord(parsed)
    ? [parsed['message'], parsed['Reason'], parsed['Description']].find(
        (value) => typeof value === 'string' && value !== '',
      )
    : plainTextOf(answer);
  return toDetail(typeof words === 'string' ? words : `HTTP ${answer.status}`, [apiKey]);
}

function plainTextOf({ headers, body }: ProviderAnswer): string | null {
  const isText = /^text\/plain/i.test(headers['content-type'] ?? '');
  return isText && body.trim() !== '' && body.length <= 500 ? body : null;
}
