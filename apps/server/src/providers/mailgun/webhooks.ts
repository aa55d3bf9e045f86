import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { ProviderWebhooks, WebhookSetup } from '../webhooks.ts';
import { apiKeyOf, callMailgun, describeAnswer, domainOf, type ApiCall } from './api.ts';
import { readEvents } from './events.ts';
import { checkSecret, verifySignature } from './signature.ts';

const EVENT_TYPES = [
  'accepted',
  'delivered',
  'opened',
  'clicked',
  'unsubscribed',
  'complained',
  'temporary_fail',
  'permanent_fail',
];

/** The webhook secret is the HTTP webhook signing key of the Mailgun account. */
export function createMailgunWebhooks(http: ProviderHttp): ProviderWebhooks {
  return {
    checkSecret,
    verify: (request, context) => Promise.resolve(verifySignature(request, context)),
    read: ({ body }) => readEvents(body),
    setup: ({ connection, url, secret, signal }) =>
      setUp(new Account(http, connection, signal), { connection, url, secret }),
  };
}

/** An answer that ends the set-up. */
class SetupStopped extends Error {
  readonly setup: WebhookSetup;

  constructor(setup: WebhookSetup) {
    super(setup.kind);
    this.setup = setup;
  }
}

class Account {
  readonly #http: ProviderHttp;
  readonly #connection: Connection;
  readonly #signal: AbortSignal;

  constructor(http: ProviderHttp, connection: Connection, signal: AbortSignal) {
    this.#http = http;
    this.#connection = connection;
    this.#signal = signal;
  }

  /** Whatever Mailgun answers; none ends the set-up. */
  async ask(call: ApiCall): Promise<ProviderAnswer> {
    const asked = { connection: this.#connection, call };
    const response = await callMailgun(this.#http, asked, this.#signal);
    if (response.kind === 'answer') return response;
    const { status, message } = verificationOfNoAnswer(response);
    throw new SetupStopped({ kind: status === 'failed' ? 'failed' : 'unreachable', message });
  }
}

type Wanted = {
  readonly connection: Connection;
  readonly url: string;
  readonly secret: string | null;
};

/**
 * One URL for all events of the domain, ours told from others by its URL. The signing key belongs to
 * the account and may be in use elsewhere: it is read, never made anew.
 */
async function setUp(account: Account, wanted: Wanted): Promise<WebhookSetup> {
  try {
    const made = await putWebhook(account, wanted);
    const key = readKey(
      await account.ask({ method: 'GET', path: '/v5/accounts/http_signing_key' }),
    );
    if (key === null && wanted.secret === null) {
      const message =
        'Mailgun sends its events here, but this API key may not read the signing key';
      return { kind: 'manual', message, steps: [COPY_KEY] };
    }
    return {
      kind: made,
      message: 'Mailgun sends the events of the domain to this connection',
      secret: key,
    };
  } catch (error) {
    if (error instanceof SetupStopped) return error.setup;
    throw error;
  }
}

async function putWebhook(account: Account, wanted: Wanted): Promise<'created' | 'updated'> {
  const domain = domainOf(wanted.connection);
  const list = await account.ask({ method: 'GET', path: `/v3/domains/${domain}/webhooks` });
  if (list.status !== 200) throw new SetupStopped(explain(list, wanted));
  const isOurs = listsUrl(list.body, wanted.url);
  const form = new URLSearchParams({ url: wanted.url });
  for (const type of EVENT_TYPES) form.append('event_types', type);
  // PUT replaces the event types of this URL and leaves other URLs alone.
  const method = isOurs ? 'PUT' : 'POST';
  const answer = await account.ask({ method, path: `/v4/domains/${domain}/webhooks`, form });
  if (answer.status !== 200) throw new SetupStopped(explain(answer, wanted));
  return isOurs ? 'updated' : 'created';
}

/** `{ "webhooks": { "delivered": { "urls": [...] }, "opened": null, ... } }` */
function listsUrl(body: string, url: string): boolean {
  const parsed = parseJson(body);
  const webhooks = isRecord(parsed) && isRecord(parsed['webhooks']) ? parsed['webhooks'] : {};
  return Object.values(webhooks).some(
    (entry) => isRecord(entry) && Array.isArray(entry['urls']) && entry['urls'].includes(url),
  );
}

function readKey({ status, body }: ProviderAnswer): string | null {
  const parsed = parseJson(body);
  const key = status === 200 && isRecord(parsed) ? parsed['http_signing_key'] : null;
  return typeof key === 'string' && checkSecret(key).length === 0 ? key : null;
}

const COPY_KEY =
  'In Mailgun open API Security, copy the HTTP webhook signing key and set it as webhook_secret of this connection.';

function explain(answer: ProviderAnswer, { connection, url }: Wanted): WebhookSetup {
  const { status } = answer;
  const words = describeAnswer(answer, apiKeyOf(connection));
  if (status === 401 || status === 403) {
    const message = `This API key may not set up webhooks: ${words}`;
    return { kind: 'manual', message, steps: stepsFor(connection, url) };
  }
  return status === 408 || status === 420 || status === 429 || status >= 500
    ? { kind: 'unreachable', message: `Mailgun can't answer now: ${words}` }
    : { kind: 'failed', message: `Mailgun refuses to set up the webhook: ${words}` };
}

function stepsFor(connection: Connection, url: string): string[] {
  return [
    `In Mailgun open Send, Sending, Webhooks and choose the domain ${decodeURIComponent(domainOf(connection))}.`,
    `Add this URL for each event type: ${url}`,
    `Event types: ${EVENT_TYPES.join(', ')}`,
    COPY_KEY,
  ];
}
