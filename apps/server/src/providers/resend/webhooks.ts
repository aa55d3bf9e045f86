import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { ProviderWebhooks, WebhookSetup } from '../webhooks.ts';
import { apiKeyOf, callResend, type ApiCall } from './api.ts';
import { readEvents, SUBSCRIBED_EVENTS } from './events.ts';
import { describeError, readError } from './response.ts';
import { checkSecret, verifySignature } from './signature.ts';

/** The webhook secret is the signing secret Resend makes for each webhook: `whsec_…`. */
export function createResendWebhooks(http: ProviderHttp): ProviderWebhooks {
  return {
    checkSecret,
    verify(request, context) {
      const verdict = verifySignature(request, context);
      if (verdict.kind !== 'genuine') return Promise.resolve(verdict);
      return Promise.resolve(
        isRecord(parseJson(request.body.toString('utf8')))
          ? verdict
          : { kind: 'malformed', message: 'The body is not a JSON object' },
      );
    },
    read: ({ body }) => readEvents(body),
    setup: ({ connection, url, signal }) => new Setup(http, connection, signal).run(url),
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

type Webhook = { readonly id: string; readonly endpoint: string };

/** Makes or mends the webhook that has our URL; those with another one are not ours. */
class Setup {
  readonly #http: ProviderHttp;
  readonly #connection: Connection;
  readonly #signal: AbortSignal;

  constructor(http: ProviderHttp, connection: Connection, signal: AbortSignal) {
    this.#http = http;
    this.#connection = connection;
    this.#signal = signal;
  }

  async run(url: string): Promise<WebhookSetup> {
    try {
      const ours = await this.#find(url);
      return ours ? await this.#mend(ours, url) : await this.#create(url);
    } catch (error) {
      if (error instanceof SetupStopped) return error.setup;
      throw error;
    }
  }

  async #find(url: string): Promise<Webhook | null> {
    let after = '';
    for (let page = 0; page < MAX_PAGES; page++) {
      const path = `/webhooks?limit=100${after}`;
      const list = await this.#ask({ method: 'GET', path }, url);
      const webhooks = readWebhooks(list['data']);
      const ours = webhooks.find(({ endpoint }) => endpoint === url);
      const last = webhooks.at(-1);
      if (ours || list['has_more'] !== true || !last) return ours ?? null;
      after = `&after=${encodeURIComponent(last.id)}`;
    }
    return null;
  }

  async #create(url: string): Promise<WebhookSetup> {
    const body = { endpoint: url, events: SUBSCRIBED_EVENTS };
    const made = await this.#ask({ method: 'POST', path: '/webhooks', body }, url);
    const secret = secretIn(made);
    if (secret === null) {
      return { kind: 'manual', message: 'Resend made the webhook', steps: [COPY_SECRET] };
    }
    return { kind: 'created', message: 'Resend sends its events to this connection', secret };
  }

  async #mend({ id }: Webhook, url: string): Promise<WebhookSetup> {
    const path = `/webhooks/${encodeURIComponent(id)}`;
    const body = { endpoint: url, events: SUBSCRIBED_EVENTS, status: 'enabled' };
    await this.#ask({ method: 'PATCH', path, body }, url);
    const secret = secretIn(await this.#ask({ method: 'GET', path }, url));
    return { kind: 'updated', message: 'The webhook at Resend is as it should be', secret };
  }

  /** The object Resend answers with; anything else ends the set-up. */
  async #ask(call: ApiCall, url: string): Promise<Record<string, unknown>> {
    const response = await callResend(
      this.#http,
      { connection: this.#connection, call },
      this.#signal,
    );
    if (response.kind !== 'answer') {
      const { status, message } = verificationOfNoAnswer(response);
      throw new SetupStopped({ kind: status === 'failed' ? 'failed' : 'unreachable', message });
    }
    const parsed = parseJson(response.body);
    const isGood = response.status >= 200 && response.status < 300 && isRecord(parsed);
    if (!isGood) throw new SetupStopped(this.#explain(response, url));
    return parsed;
  }

  #explain(answer: ProviderAnswer, url: string): WebhookSetup {
    const { status } = answer;
    const words = describeError(answer, apiKeyOf(this.#connection));
    const name = readError(answer)?.name ?? '';
    if (name === 'restricted_api_key' || name === 'invalid_permission') {
      const message = 'This API key may only send, so it can not set up the webhook';
      return { kind: 'manual', message, steps: stepsFor(url) };
    }
    if (status === 408 || status === 429 || status >= 500) {
      return { kind: 'unreachable', message: `Resend can't answer now: ${words}` };
    }
    return { kind: 'failed', message: `Resend refuses to set up the webhook: ${words}` };
  }
}

const MAX_PAGES = 10;

const COPY_SECRET =
  'Open the webhook, copy its signing secret (whsec_…) and set it as webhook_secret of this connection.';

function stepsFor(url: string): string[] {
  return [
    'In Resend open Webhooks and choose "Add Webhook".',
    `Endpoint URL: ${url}`,
    `Events: ${SUBSCRIBED_EVENTS.join(', ')}`,
    COPY_SECRET,
  ];
}

function readWebhooks(data: unknown): Webhook[] {
  const list: unknown[] = Array.isArray(data) ? data : [];
  return list.filter(isWebhook);
}

function isWebhook(value: unknown): value is Webhook {
  return (
    isRecord(value) && typeof value['id'] === 'string' && typeof value['endpoint'] === 'string'
  );
}

function secretIn({ signing_secret: secret }: Record<string, unknown>): string | null {
  return typeof secret === 'string' && checkSecret(secret).length === 0 ? secret : null;
}
