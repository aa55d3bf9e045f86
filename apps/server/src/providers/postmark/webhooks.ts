import type { Connection } from '../connection.ts';
import { toDetail } from '../detail.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { ProviderWebhooks, WebhookSetup } from '../webhooks.ts';
import { callPostmark, describeAnswer, readError, streamOf, tokenOf, type ApiCall } from './api.ts';
import { readEvents } from './events.ts';
import { checkSecret, USER, verifyCredentials } from './signature.ts';

const TRIGGERS = {
  Delivery: { Enabled: true },
  Bounce: { Enabled: true, IncludeContent: false },
  SpamComplaint: { Enabled: true, IncludeContent: false },
  Open: { Enabled: true, PostFirstOpenOnly: false },
  Click: { Enabled: true },
  SubscriptionChange: { Enabled: true },
};

/** The webhook secret is the password of HTTP Basic auth with the user `courierx`. */
export function createPostmarkWebhooks(http: ProviderHttp): ProviderWebhooks {
  return {
    secretIsOurs: true,
    checkSecret,
    verify: (request, context) => Promise.resolve(verifyCredentials(request, context)),
    read: ({ body }) => readEvents(body),
    setup: ({ connection, url, secret, signal }) => {
      const ask = (call: ApiCall) => callPostmark(http, { connection, call }, signal);
      return setUp(ask, { connection, url, secret });
    },
  };
}

type Ask = (call: ApiCall) => ReturnType<typeof callPostmark>;

type Wanted = {
  readonly connection: Connection;
  readonly url: string;
  readonly secret: string | null;
};

/**
 * One webhook for the message stream, ours told from others by its URL. Postmark tries the URL out
 * before it saves it, so the secret has to be the connection's already.
 */
async function setUp(ask: Ask, wanted: Wanted): Promise<WebhookSetup> {
  const { connection, url, secret } = wanted;
  if (secret === null) return { kind: 'manual', message: NO_SECRET, steps: [SET_SECRET] };
  const stream = streamOf(connection);
  const list = await ask({
    method: 'GET',
    path: `/webhooks?MessageStream=${encodeURIComponent(stream)}`,
  });
  if (list.kind !== 'answer') return noAnswer(list);
  if (list.status !== 200) return explain(list, connection);
  const id = findOurs(list.body, url);
  const body = {
    Url: url,
    HttpAuth: { Username: USER, Password: secret },
    Triggers: TRIGGERS,
    // It can't be changed later.
    ...(id === null && { MessageStream: stream }),
  };
  const put = await ask(
    id === null
      ? { method: 'POST', path: '/webhooks', body }
      : { method: 'PUT', path: `/webhooks/${id}`, body },
  );
  if (put.kind !== 'answer') return noAnswer(put);
  if (put.status !== 200) return explain(put, connection);
  const message = `Postmark sends the events of the stream "${stream}" to this connection`;
  return { kind: id === null ? 'created' : 'updated', message, secret: null };
}

const NO_SECRET = 'The connection has no webhook_secret, which is the password Postmark is to send';
const SET_SECRET =
  'Set webhook_secret of this connection to a random text of 32 letters and digits, then set the webhook up again.';

function findOurs(body: string, url: string): number | null {
  const parsed = parseJson(body);
  const listed: unknown[] =
    isRecord(parsed) && Array.isArray(parsed['Webhooks']) ? parsed['Webhooks'] : [];
  const id = listed.filter(isRecord).find(({ Url: theirs }) => theirs === url)?.['ID'];
  return typeof id === 'number' && Number.isSafeInteger(id) ? id : null;
}

function noAnswer(answer: Parameters<typeof verificationOfNoAnswer>[0]): WebhookSetup {
  const { status, message } = verificationOfNoAnswer(answer);
  return { kind: status === 'failed' ? 'failed' : 'unreachable', message };
}

const PROBE_FAILED = 1364;

function explain(answer: ProviderAnswer, connection: Connection): WebhookSetup {
  const { status } = answer;
  const words = describeAnswer(answer, tokenOf(connection));
  const error = readError(answer);
  if (error?.code === PROBE_FAILED) {
    const message = `Postmark tried the webhook URL out and got no 200: ${probesIn(answer, words)}`;
    return { kind: 'failed', message };
  }
  const isFilter = status === 403 && error === null;
  return isFilter || status === 408 || status === 429 || status >= 500
    ? { kind: 'unreachable', message: `Postmark can't answer now: ${words}` }
    : { kind: 'failed', message: `Postmark refuses to set up the webhook: ${words}` };
}

/** `Results: [{ TriggerType, Success, StatusCode, Message }]` */
function probesIn({ body }: ProviderAnswer, otherwise: string): string {
  const parsed = parseJson(body);
  const results: unknown[] =
    isRecord(parsed) && Array.isArray(parsed['Results']) ? parsed['Results'] : [];
  const failed = results.filter(isRecord).filter(({ Success: isGood }) => isGood !== true);
  const words = failed.map(({ TriggerType: type, StatusCode: status, Message: message }) =>
    [type, status, message].filter((word) => ['string', 'number'].includes(typeof word)).join(' '),
  );
  return words.length === 0 ? otherwise : toDetail(words.join('; '));
}
