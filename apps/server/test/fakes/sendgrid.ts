import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './raw-server.ts';
import { findSendGridFaults, type SendGridMail } from './sendgrid-rules.ts';
import { FakeSendGridWebhooks, type SendGridWebhook } from './sendgrid-webhooks.ts';

export type { SendGridMail } from './sendgrid-rules.ts';

/** What to do with the next mail instead of taking it. */
export type SendGridScript =
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
  readonly messageId: string;
  readonly mail: SendGridMail;
  readonly at: Date;
};

export type FakeSendGrid = {
  readonly port: number;
  /** For a connection's `endpoint`. */
  readonly url: string;
  /** Every request as `POST /v3/mail/send`, in order, whatever became of it. */
  readonly requests: readonly string[];
  /** The mails it took, in order: what a real provider would have sent. */
  readonly ledger: readonly TakenMail[];
  /** The Event Webhooks of the account. */
  readonly webhooks: FakeSendGridWebhooks;
  /** The next mails are treated so, one each; those after them are judged and taken again. */
  script(...scripts: SendGridScript[]): void;
  /** Every mail is treated so from now on; null ends it. */
  always(script: SendGridScript | null): void;
  close(): Promise<void>;
};

export type FakeSendGridOptions = {
  /** The one key it knows. */
  readonly apiKey?: string;
  readonly scopes?: readonly string[];
  readonly webhooks?: readonly SendGridWebhook[];
  /** How many webhooks its plan has. */
  readonly maxWebhooks?: number;
};

export const SENDGRID_KEY = 'SG.not-a-real-key.for-tests-only';

/** Twilio SendGrid's v3 mail send, on 127.0.0.1. Requests are judged by the vendor's own schema. */
export async function startFakeSendGrid(options: FakeSendGridOptions = {}): Promise<FakeSendGrid> {
  const { apiKey = SENDGRID_KEY, scopes = ['mail.send', '2fa_required'] } = options;
  const webhooks = new FakeSendGridWebhooks(options.webhooks, options.maxWebhooks);
  const requests: string[] = [];
  const ledger: TakenMail[] = [];
  const scripts: SendGridScript[] = [];
  let standing: SendGridScript | null = null;

  function take(mail: SendGridMail): string {
    const messageId = `fake${String(ledger.length + 1).padStart(18, '0')}`;
    ledger.push({ messageId, mail, at: new Date() });
    return messageId;
  }

  function send(body: string, request: IncomingMessage, response: ServerResponse): void {
    const script = scripts.shift() ?? standing;
    const mail = parseMail(body);
    if (script?.do === 'answer') {
      reply(response, script);
      return;
    }
    if (script) {
      if (script.take && mail) take(mail);
      if (script.do === 'reset') request.socket.resetAndDestroy();
      return;
    }
    const faults = mail ? findSendGridFaults(mail) : [{ message: 'Bad Request', field: null }];
    if (faults.length > 0) {
      reply(response, { status: 400, body: { errors: faults } });
      return;
    }
    const messageId = take(mail as SendGridMail);
    reply(response, { status: 202, headers: { 'X-Message-Id': messageId } });
  }

  function route(body: string, request: IncomingMessage, response: ServerResponse): void {
    const target = `${request.method} ${request.url}`;
    requests.push(target);
    if (request.headers.authorization !== `Bearer ${apiKey}`) {
      const message = 'The provided authorization grant is invalid, expired, or revoked';
      reply(response, { status: 401, body: { errors: [{ field: null, message }] } });
      return;
    }
    if (target === 'GET /v3/scopes') {
      reply(response, { status: 200, body: { scopes } });
      return;
    }
    if (target === 'POST /v3/mail/send') {
      send(body, request, response);
      return;
    }
    const answer = webhooks.answer(target, body, scopes);
    if (answer) {
      reply(response, answer);
      return;
    }
    reply(response, { status: 404, body: { errors: [{ field: null, message: 'Not Found' }] } });
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
    always: (script) => (standing = script),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function parseMail(body: string): SendGridMail | null {
  try {
    return JSON.parse(body) as SendGridMail;
  } catch {
    return null;
  }
}

type Reply = { status: number; body?: unknown; headers?: Readonly<Record<string, string>> };

function reply(response: ServerResponse, { status, body, headers }: Reply): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/html' : 'application/json';
  response.writeHead(status, { ...(body !== undefined && { 'content-type': type }), ...headers });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}
