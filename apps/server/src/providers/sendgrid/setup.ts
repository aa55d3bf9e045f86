import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { WebhookSetup } from '../webhooks.ts';
import { apiKeyOf, callSendGrid, type ApiCall } from './api.ts';
import { describeErrors } from './response.ts';
import { checkSecret } from './signature.ts';

type Task = { readonly connection: Connection; readonly url: string };

/** An answer that ends the set-up. */
class SetupStopped extends Error {
  readonly setup: WebhookSetup;

  constructor(setup: WebhookSetup) {
    super(setup.kind);
    this.setup = setup;
  }
}

const SETTINGS = '/v3/user/webhooks/event/settings';

const EVENT_FLAGS = [
  'processed',
  'deferred',
  'delivered',
  'bounce',
  'dropped',
  'spam_report',
  'open',
  'click',
  'unsubscribe',
  'group_unsubscribe',
  'group_resubscribe',
] as const;

/** Makes or mends the Event Webhook that has our URL, signed; those with another are not ours. */
export async function setUp(
  http: ProviderHttp,
  task: Task,
  signal: AbortSignal,
): Promise<WebhookSetup> {
  const ask = (call: ApiCall) => askSendGrid(http, { task, call }, signal);
  try {
    const ours = findOurs(await ask({ method: 'GET', path: `${SETTINGS}/all` }), task.url);
    const settings = settingsFor(task.url);
    const answer = ours
      ? await ask({ method: 'PATCH', path: `${SETTINGS}/${ours.id}`, body: settings })
      : await ask({
          method: 'POST',
          path: SETTINGS,
          body: { ...settings, friendly_name: 'CourierX' },
        });
    const id = ours?.id ?? idIn(answer);
    // Without an id SendGrid would change the oldest webhook, which is not ours.
    if (id === null) return byHand(task.url, 'SendGrid did not say which webhook it made');
    // Signing that was on stays as it is: to switch it anew might make another key.
    const secret = keyIn(ours ?? {}) ?? keyIn(await ask(signed(id)));
    if (secret === null) return byHand(task.url, 'SendGrid did not give the verification key');
    const message = 'SendGrid sends its events, signed, to this connection';
    return { kind: ours ? 'updated' : 'created', message, secret };
  } catch (error) {
    if (error instanceof SetupStopped) return error.setup;
    throw error;
  }
}

function settingsFor(url: string): Record<string, unknown> {
  return { enabled: true, url, ...Object.fromEntries(EVENT_FLAGS.map((flag) => [flag, true])) };
}

function signed(id: string): ApiCall {
  return { method: 'PATCH', path: `${SETTINGS}/signed/${id}`, body: { enabled: true } };
}

type Webhook = Record<string, unknown> & { readonly id: string };

function findOurs({ webhooks }: Record<string, unknown>, url: string): Webhook | null {
  const list: unknown[] = Array.isArray(webhooks) ? webhooks : [];
  const ours = list.filter(isRecord).find((webhook) => webhook['url'] === url);
  const id = ours ? idIn(ours) : null;
  return id === null ? null : { ...ours, id };
}

function idIn({ id }: Record<string, unknown>): string | null {
  return typeof id === 'string' && /^[A-Za-z0-9_-]{1,100}$/.test(id) ? id : null;
}

function keyIn({ public_key: key }: Record<string, unknown>): string | null {
  return typeof key === 'string' && checkSecret(key).length === 0 ? key : null;
}

/** The object SendGrid answers with; anything else ends the set-up. */
async function askSendGrid(
  http: ProviderHttp,
  { task, call }: { task: Task; call: ApiCall },
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const response = await callSendGrid(http, { connection: task.connection, call }, signal);
  if (response.kind !== 'answer') {
    const { status, message } = verificationOfNoAnswer(response);
    throw new SetupStopped({ kind: status === 'failed' ? 'failed' : 'unreachable', message });
  }
  const parsed = parseJson(response.body);
  const isGood = response.status >= 200 && response.status < 300 && isRecord(parsed);
  if (!isGood) throw new SetupStopped(explain(response, task));
  return parsed;
}

function explain(answer: ProviderAnswer, { connection, url }: Task): WebhookSetup {
  const { status } = answer;
  const words = describeErrors(answer, apiKeyOf(connection));
  // A good key without a scope is told so with 403, and at times with 401.
  if (status === 403 || (status === 401 && /not authorized|access forbidden/i.test(words))) {
    return byHand(url, `This API key may not set up the webhook: ${words}`);
  }
  if (status === 408 || status === 429 || status >= 500) {
    return { kind: 'unreachable', message: `SendGrid can't answer now: ${words}` };
  }
  return { kind: 'failed', message: `SendGrid refuses to set up the webhook: ${words}` };
}

function byHand(url: string, message: string): WebhookSetup {
  return {
    kind: 'manual',
    message,
    steps: [
      'In SendGrid open Settings, Mail Settings, Event Webhooks, and choose "Create new webhook"; or open the one with this URL.',
      `Post URL: ${url}`,
      'Actions to be posted: all of them. Switch the webhook on.',
      'Under Security Features switch on "Signed Event Webhook" and save.',
      'Copy the verification key (MFkwEwYH…) and set it as webhook_secret of this connection.',
      'Or give the API key full access to "Event Notification" under "Mail Settings", and set up the webhook again.',
    ],
  };
}
