import {
  findMailgunFault,
  loadMailgunSchema,
  readMailgunForm,
  toMailgunMail,
  type MailgunMail,
} from './mailgun-rules.ts';
import {
  startScriptedHttp,
  type FakeReply,
  type FakeRequest,
  type ScriptedHttp,
} from './scripted-http.ts';

export type { MailgunMail } from './mailgun-rules.ts';

export const MAILGUN_KEY = 'key-not-a-real-key-for-tests-only';
export const MAILGUN_SENDING_KEY = 'key-not-a-real-key-that-may-only-send';
export const MAILGUN_SIGNING_KEY = 'key-test-signing-0001';
export const MAILGUN_DOMAIN = 'mg.shop.example';

export type FakeMailgun = ScriptedHttp & {
  /** The mails it took, in order. */
  readonly ledger: readonly { readonly id: string; readonly mail: MailgunMail }[];
  /** What the events API knows; taken mails are `accepted` at once unless the index lags. */
  readonly events: Record<string, unknown>[];
  /** URLs by event type. */
  readonly webhooks: Map<string, Set<string>>;
};

export type FakeMailgunOptions = {
  readonly domain?: Readonly<Record<string, unknown>>;
  /** Events are not found before they are put into `events`. */
  readonly indexLags?: boolean;
  /** Whether the key may read the signing key. */
  readonly signingKey?: string | null;
};

/** Mailgun's API for one domain, on 127.0.0.1. Mail is judged by the vendor's own schema. */
export async function startFakeMailgun(options: FakeMailgunOptions = {}): Promise<FakeMailgun> {
  // Takes its time; not while somebody waits for an answer.
  loadMailgunSchema();
  const ledger: { id: string; mail: MailgunMail }[] = [];
  const events: Record<string, unknown>[] = [];
  const webhooks = new Map<string, Set<string>>();
  const base = `/v3/${MAILGUN_DOMAIN}`;

  const formOf = ({ body, headers }: FakeRequest) =>
    readMailgunForm(body, headers['content-type'] ?? '');

  async function take(request: FakeRequest): Promise<string> {
    const mail = await toMailgunMail(await formOf(request));
    const id = mail.mail.messageId ?? '';
    ledger.push({ id, mail });
    if (options.indexLags !== true) events.push(...mail.to.map((to) => acceptedEvent(to, mail)));
    return id;
  }

  async function takeMail(request: FakeRequest): Promise<FakeReply> {
    const fault = await findMailgunFault(await formOf(request));
    if (fault !== null) return { status: 400, body: { message: fault } };
    return { status: 200, body: { id: await take(request), message: 'Queued. Thank you.' } };
  }

  function findEvents({ query }: FakeRequest): FakeReply {
    const items = events.filter((event) => {
      const { message } = event as { message?: { headers?: Record<string, string> } };
      return message?.headers?.['message-id'] === query.get('message-id');
    });
    return { status: 200, body: { items, paging: {} } };
  }

  function listWebhooks(): FakeReply {
    const entries = [...webhooks].map(([type, urls]) => [type, { urls: [...urls] }] as const);
    return { status: 200, body: { webhooks: Object.fromEntries(entries) } };
  }

  function putWebhook({ method, body }: FakeRequest): FakeReply {
    const form = new URLSearchParams(body.toString());
    const url = form.get('url') ?? '';
    const isKnown = [...webhooks.values()].some((urls) => urls.has(url));
    if (method === 'PUT' && !isKnown) {
      return { status: 404, body: { Description: 'Webhook not found' } };
    }
    if (method === 'POST' && isKnown) {
      return { status: 400, body: { Reason: `Webhook with URL '${url}' already exists` } };
    }
    if (!url.startsWith('https://')) {
      return { status: 400, body: { Reason: `${url} is not a valid url: invalid URL scheme` } };
    }
    for (const urls of webhooks.values()) urls.delete(url);
    for (const type of form.getAll('event_types')) {
      webhooks.set(type, (webhooks.get(type) ?? new Set()).add(url));
    }
    return listWebhooks();
  }

  const { signingKey = MAILGUN_SIGNING_KEY } = options;
  const routes: Record<string, (request: FakeRequest) => FakeReply | Promise<FakeReply>> = {
    [`POST ${base}/messages.mime`]: takeMail,
    [`GET ${base}/events`]: findEvents,
    [`GET /v4/domains/${MAILGUN_DOMAIN}`]: () => ({
      status: 200,
      body: {
        domain: { name: MAILGUN_DOMAIN, state: 'active', type: 'custom', ...options.domain },
      },
    }),
    [`GET /v3/domains/${MAILGUN_DOMAIN}/webhooks`]: listWebhooks,
    [`POST /v4/domains/${MAILGUN_DOMAIN}/webhooks`]: putWebhook,
    [`PUT /v4/domains/${MAILGUN_DOMAIN}/webhooks`]: putWebhook,
    'GET /v5/accounts/http_signing_key': () =>
      signingKey === null
        ? { status: 403, body: { message: 'Forbidden' } }
        : { status: 200, body: { http_signing_key: signingKey } },
  };

  async function answer(request: FakeRequest): Promise<FakeReply> {
    const { method, path, headers } = request;
    const isSend = method === 'POST' && path.startsWith('/v3/') && /\/messages/.test(path);
    const key = keyIn(headers.authorization ?? '');
    if (key !== MAILGUN_KEY && !(isSend && key === MAILGUN_SENDING_KEY)) {
      return isSend
        ? { status: 401, body: 'Forbidden' }
        : { status: 401, body: { message: 'Invalid private key' } };
    }
    if (!path.includes(MAILGUN_DOMAIN) && !path.startsWith('/v5/')) {
      return { status: 404, body: { message: 'Domain not found' } };
    }
    if (`${method} ${path}` === `POST ${base}/messages`) {
      return { status: 400, body: { message: 'from parameter is missing' } };
    }
    const route = routes[`${method} ${path}`];
    return route ? route(request) : { status: 404, body: '404 page not found' };
  }

  const isMail = ({ method, path }: FakeRequest) =>
    method === 'POST' && path.endsWith('/messages.mime');
  const server = await startScriptedHttp({ isMail, take, answer });
  return { ...server, ledger, events, webhooks };
}

function keyIn(authorization: string): string {
  const [, login = ''] = /^Basic (.+)$/.exec(authorization) ?? [];
  return Buffer.from(login, 'base64').toString().replace(/^api:/, '');
}

function acceptedEvent(recipient: string, mail: MailgunMail): Record<string, unknown> {
  return {
    event: 'accepted',
    recipient,
    timestamp: Date.now() / 1000,
    'user-variables': mail.variables,
    message: { headers: { 'message-id': (mail.mail.messageId ?? '').replace(/^<|>$/g, '') } },
  };
}
