import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './raw-server.ts';
import {
  findResendFault,
  findSchemaFaults,
  loadResendSchemas,
  type ResendMail,
} from './resend-rules.ts';

export type { ResendMail } from './resend-rules.ts';

/** What to do with the next mail instead of taking it. */
export type ResendScript =
  | {
      readonly do: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Reads the request and never answers; with `take` the mail is on the ledger all the same. */
  | { readonly do: 'hang'; readonly take?: boolean }
  /** Reads the request and resets the connection. */
  | { readonly do: 'reset'; readonly take?: boolean };

export type TakenMail = {
  readonly id: string;
  readonly mail: ResendMail;
  readonly idempotencyKey: string;
};

export type ResendWebhook = {
  readonly id: string;
  endpoint: string;
  events: readonly string[];
  status: string;
  readonly signing_secret: string;
};

export type FakeResend = {
  readonly port: number;
  /** For a connection's `endpoint`. */
  readonly url: string;
  /** Every request as `POST /emails`, in order, whatever became of it. */
  readonly requests: readonly string[];
  /** The mails it took, in order: what a real provider would have sent. */
  readonly ledger: readonly TakenMail[];
  readonly webhooks: ResendWebhook[];
  script(...scripts: ResendScript[]): void;
  close(): Promise<void>;
};

export type FakeResendOptions = {
  /** The one key it knows. */
  readonly apiKey?: string;
  readonly permission?: 'full_access' | 'sending_access';
  readonly domains?: readonly { readonly name: string; readonly status: string }[];
  readonly webhooks?: readonly ResendWebhook[];
};

export const RESEND_KEY = 're_not_a_real_key';

type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

const error = (status: number, name: string, message: string): Reply => ({
  status,
  body: { statusCode: status, name, message },
});

/** Resend's API, on 127.0.0.1. Requests are judged by the vendor's own schemas. */
export async function startFakeResend(options: FakeResendOptions = {}): Promise<FakeResend> {
  const { apiKey = RESEND_KEY, permission = 'full_access' } = options;
  const { domains = [{ name: 'shop.example', status: 'verified' }] } = options;
  // Compiled before the first request, which an adapter waits for.
  loadResendSchemas();
  const requests: string[] = [];
  const ledger: TakenMail[] = [];
  const scripts: ResendScript[] = [];
  const webhooks: ResendWebhook[] = [...(options.webhooks ?? [])];
  const remembered = new Map<string, { body: string; id: string }>();

  /** As the vendor says: the same key and body give the first answer, and nothing is sent again. */
  function take(body: string, idempotencyKey: string): Reply {
    const known = remembered.get(idempotencyKey);
    if (known && known.body !== body) {
      return error(409, 'invalid_idempotent_request', 'Same key used with a different payload.');
    }
    if (known) return { status: 200, body: { id: known.id } };
    const id = randomUUID();
    if (idempotencyKey !== '') remembered.set(idempotencyKey, { body, id });
    ledger.push({ id, mail: JSON.parse(body) as ResendMail, idempotencyKey });
    return { status: 200, body: { id } };
  }

  function send(body: string, request: IncomingMessage, response: ServerResponse): void {
    const script = scripts.shift();
    const key = String(request.headers['idempotency-key'] ?? '');
    if (script?.do === 'answer') {
      reply(response, script);
      return;
    }
    if (script) {
      if (script.take) take(body, key);
      if (script.do === 'reset') request.socket.resetAndDestroy();
      return;
    }
    const fault = findResendFault(JSON.parse(body) as ResendMail);
    reply(response, fault ? error(fault.status, fault.name, fault.message) : take(body, key));
  }

  function manageWebhooks(target: string, body: string): Reply {
    const [method, path = ''] = target.split(' ');
    const found = webhooks.find(({ id }) => path === `/webhooks/${id}`);
    if (method === 'GET' && path.startsWith('/webhooks?')) {
      const list = webhooks.map(({ signing_secret: _, ...webhook }) => webhook);
      return { status: 200, body: { object: 'list', has_more: false, data: list } };
    }
    if (method === 'GET' && found) return { status: 200, body: { object: 'webhook', ...found } };
    const changes = JSON.parse(body) as Pick<ResendWebhook, 'endpoint' | 'events' | 'status'>;
    const schema = method === 'POST' ? 'CreateWebhookRequest' : 'UpdateWebhookRequest';
    const [fault] = findSchemaFaults(schema, changes);
    if (fault !== undefined) return error(422, 'validation_error', fault);
    if (method === 'PATCH' && found) {
      Object.assign(found, changes);
      return { status: 200, body: { object: 'webhook', id: found.id } };
    }
    const made = {
      ...changes,
      id: randomUUID(),
      status: 'enabled',
      signing_secret: `whsec_${Buffer.from(`secret ${webhooks.length} ${'x'.repeat(16)}`).toString('base64')}`,
    };
    webhooks.push(made);
    const { id, signing_secret } = made;
    return { status: 201, body: { object: 'webhook', id, signing_secret } };
  }

  function route(body: string, request: IncomingMessage, response: ServerResponse): void {
    const target = `${request.method} ${request.url}`;
    requests.push(target);
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      reply(response, error(400, 'validation_error', 'API key is invalid'));
    } else if (target === 'POST /emails') {
      send(body, request, response);
    } else if (permission !== 'full_access') {
      const message = 'This API key is restricted to only send emails';
      reply(response, error(401, 'restricted_api_key', message));
    } else if (target.startsWith('GET /domains')) {
      const headers = { 'ratelimit-limit': '10', 'ratelimit-policy': '10;w=1' };
      reply(response, {
        status: 200,
        body: { object: 'list', has_more: false, data: domains },
        headers,
      });
    } else if (/^(GET|POST|PATCH) \/webhooks/.test(target)) {
      reply(response, manageWebhooks(target, body));
    } else {
      reply(response, error(404, 'not_found', 'The requested endpoint does not exist'));
    }
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => route(Buffer.concat(chunks).toString('utf8'), request, response));
  });
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    ledger,
    webhooks,
    script: (...more) => void scripts.push(...more),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function reply(response: ServerResponse, { status, body, headers }: Reply): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html' : 'application/json';
  response.writeHead(status, { ...(body !== undefined && { 'content-type': type }), ...headers });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}
