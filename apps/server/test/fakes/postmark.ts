import { randomUUID } from 'node:crypto';
import {
  addressesIn,
  findPostmarkFault,
  findWebhookFault,
  loadPostmarkSchemas,
  type PostmarkMail,
} from './postmark-rules.ts';
import {
  startScriptedHttp,
  type FakeReply,
  type FakeRequest,
  type ScriptedHttp,
} from './scripted-http.ts';

export type { PostmarkMail } from './postmark-rules.ts';

export const POSTMARK_TOKEN = '00000000-0000-4000-8000-not-a-real-token';

export type PostmarkWebhook = { readonly ID: number; readonly Url: string } & Record<
  string,
  unknown
>;

export type FakePostmark = ScriptedHttp & {
  /** The mails it took, in order. */
  readonly ledger: readonly { readonly id: string; readonly mail: PostmarkMail }[];
  /** What the search knows; taken mails are in it at once unless the index lags. */
  readonly index: Record<string, unknown>[];
  readonly webhooks: PostmarkWebhook[];
};

export type FakePostmarkOptions = {
  readonly deliveryType?: 'Live' | 'Sandbox';
  /** Mails are not found before they are put into `index`. */
  readonly indexLags?: boolean;
  /** Addresses it leaves out. */
  readonly inactive?: readonly string[];
};

const STREAMS = [
  { ID: 'outbound', MessageStreamType: 'Transactional', ArchivedAt: null },
  { ID: 'news', MessageStreamType: 'Broadcasts', ArchivedAt: null },
  { ID: 'old', MessageStreamType: 'Transactional', ArchivedAt: '2024-01-01T00:00:00Z' },
  { ID: 'inbound', MessageStreamType: 'Inbound', ArchivedAt: null },
];

/** Postmark's API for one server, on 127.0.0.1. Mail is judged by the vendor's own schema. */
export async function startFakePostmark(options: FakePostmarkOptions = {}): Promise<FakePostmark> {
  loadPostmarkSchemas();
  const { inactive = [], deliveryType = 'Live' } = options;
  const ledger: { id: string; mail: PostmarkMail }[] = [];
  const index: Record<string, unknown>[] = [];
  const webhooks: PostmarkWebhook[] = [];

  function take({ body }: FakeRequest): Promise<string> {
    const mail = JSON.parse(body.toString()) as PostmarkMail;
    const id = randomUUID();
    ledger.push({ id, mail });
    const recipients = [mail.To, mail.Cc ?? '', mail.Bcc ?? ''].flatMap(addressesIn);
    const open = recipients.filter((address) => !inactive.includes(address));
    const { Metadata, MessageStream } = mail;
    const entry = { MessageID: id, Recipients: open, Status: 'Sent', Metadata, MessageStream };
    if (options.indexLags !== true) index.push(entry);
    return Promise.resolve(id);
  }

  async function takeMail(request: FakeRequest): Promise<FakeReply> {
    const mail = JSON.parse(request.body.toString()) as PostmarkMail;
    const fault = findPostmarkFault(mail);
    if (fault) return { status: 422, body: fault };
    if (!STREAMS.some(({ ID: id }) => id === mail.MessageStream)) {
      const Message = `The 'MessageStream' provided does not exist on this server.`;
      return { status: 422, body: { ErrorCode: 1235, Message } };
    }
    const recipients = [mail.To, mail.Cc ?? '', mail.Bcc ?? ''].flatMap(addressesIn);
    const left = recipients.filter((address) => inactive.includes(address));
    const list = `inactive addresses: ${left.join(', ').toLowerCase()}.\nInactive recipients are ones`;
    if (left.length === recipients.length) {
      const Message = `You tried to send to a recipient that has been marked as inactive.\nFound ${list}`;
      return { status: 422, body: { ErrorCode: 406, Message } };
    }
    const MessageID = await take(request);
    const Message = left.length === 0 ? 'OK' : `Message OK, but will not deliver to these ${list}`;
    const SubmittedAt = new Date().toISOString();
    return { status: 200, body: { To: mail.To, SubmittedAt, MessageID, ErrorCode: 0, Message } };
  }

  function search({ query }: FakeRequest): FakeReply {
    const filters = [...query].filter(([name]) => name.startsWith('metadata_'));
    const found = index.filter((entry) => {
      const metadata = entry['Metadata'] as Record<string, string>;
      const isOf = filters.every(([name, value]) => metadata[name.slice(9)] === value);
      return isOf && entry['MessageStream'] === (query.get('messagestream') ?? 'outbound');
    });
    return { status: 200, body: { TotalCount: found.length, Messages: found } };
  }

  function putWebhook(request: FakeRequest): FakeReply {
    const webhook = JSON.parse(request.body.toString()) as { Url: string; MessageStream?: string };
    const fault = findWebhookFault(webhook);
    if (fault) return { status: 422, body: fault };
    if (webhook.Url.includes('unreachable')) {
      const Results = [
        { TriggerType: 'Delivery', Success: false, StatusCode: 401, Message: 'Unauthorized' },
      ];
      const body = { ErrorCode: 1364, Message: 'Webhook verification failed', Results };
      return { status: 422, body };
    }
    const id = Number(request.path.split('/')[2] ?? webhooks.length + 1);
    const before = webhooks.findIndex(({ ID: known }) => known === id);
    const saved = { ...webhooks[before], ...webhook, ID: id };
    if (before < 0) webhooks.push(saved);
    else webhooks[before] = saved;
    return { status: 200, body: saved };
  }

  function listWebhooks({ query }: FakeRequest): FakeReply {
    const stream = query.get('MessageStream');
    const Webhooks = webhooks.filter((webhook) => webhook['MessageStream'] === stream);
    return { status: 200, body: { Webhooks } };
  }

  const routes: Record<string, (request: FakeRequest) => FakeReply | Promise<FakeReply>> = {
    'POST /email': takeMail,
    'GET /messages/outbound': search,
    'GET /server': () => ({
      status: 200,
      body: { ID: 1, Name: 'Prod', ApiTokens: [POSTMARK_TOKEN], DeliveryType: deliveryType },
    }),
    'GET /message-streams': () => ({ status: 200, body: { MessageStreams: STREAMS } }),
    'GET /webhooks': listWebhooks,
    'POST /webhooks': putWebhook,
    'PUT /webhooks': putWebhook,
  };

  async function answer(request: FakeRequest): Promise<FakeReply> {
    const { method, path, headers } = request;
    if (headers['x-postmark-server-token'] !== POSTMARK_TOKEN) {
      const Message = 'Request does not contain a valid Server token.';
      return { status: 401, body: { ErrorCode: 10, Message } };
    }
    const route = routes[`${method} ${path.replace(/\/\d+$/, '')}`];
    return route ? route(request) : { status: 404, body: '<h1>404</h1>' };
  }

  const isMail = ({ method, path }: FakeRequest) => method === 'POST' && path === '/email';
  const server = await startScriptedHttp({ isMail, take, answer });
  return { ...server, ledger, index, webhooks };
}
