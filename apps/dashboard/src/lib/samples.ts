/** A call as curl and in Node. */
export type Sample = { readonly curl: string; readonly node: string };

type Call = {
  readonly path: string;
  /** Of the SDK: `emails.send`. */
  readonly method: string;
  readonly body: Readonly<Record<string, string | number | readonly string[]>>;
  /** What the call's answer is kept in. */
  readonly result?: string;
};

/** Stands where a key belongs. */
export const KEY_PLACEHOLDER = 'cxk_live_your_key';

export const sampleCalls = {
  connect: (body: Call['body']): Call => ({
    ...{ path: '/provider_connections', method: 'providerConnections.create', body },
  }),
  send: ({ from, to }: { from: string; to: string }): Call => ({
    ...{ path: '/emails', method: 'emails.send', result: '{ email }' },
    body: { from, to, subject: 'Hello from CourierX', text: 'It works!' },
  }),
  addDomain: (domain: string): Call => ({
    ...{ path: '/domains', method: 'domains.create', result: 'domain' },
    body: { domain },
  }),
  makeKey: (name: string): Call => ({
    ...{ path: '/api_keys', method: 'apiKeys.create', result: '{ key }' },
    body: { name },
  }),
  addWebhook: (url: string, events: readonly string[]): Call => ({
    ...{ path: '/webhook_endpoints', method: 'webhookEndpoints.create', result: 'endpoint' },
    body: { url, events },
  }),
};

/** What a program writes to make the call of this server with this key. */
export function sampleOf({ path, method, body, result }: Call, key: string | null): Sample {
  const { origin } = location;
  const token = key ?? KEY_PLACEHOLDER;
  const json = JSON.stringify(body, null, 2)
    .replaceAll("'", String.raw`'\''`)
    .replaceAll('\n', '\n  ');
  const made = result === undefined ? '' : `const ${result} = `;
  return {
    curl: [
      `curl -X POST ${origin}/api/v1${path} \\`,
      `  -H "Authorization: Bearer ${token}" \\`,
      `  -H "Content-Type: application/json" \\`,
      `  -d '${json}'`,
    ].join('\n'),
    node: [
      "import { CourierX } from '@courierx/node';",
      '',
      `const courierx = new CourierX({`,
      `  apiKey: ${quoted(token)},`,
      `  baseUrl: ${quoted(origin)},`,
      '});',
      `${made}await courierx.${method}({`,
      ...Object.entries(body).map(([name, value]) => `  ${camelCased(name)}: ${literal(value)},`),
      '});',
    ].join('\n'),
  };
}

function literal(value: Call['body'][string]): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? quoted(value) : `[${value.map(quoted).join(', ')}]`;
}

/** As JSON escapes it, in the quotes one writes in JavaScript. */
const quoted = (text: string) =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(String.raw`\"`, '"')
    .replaceAll("'", String.raw`\'`)}'`;

const camelCased = (name: string) =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
