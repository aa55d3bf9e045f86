import { setTimeout as delay } from 'node:timers/promises';
import { openSigningSecret } from '../db/webhook-secrets.ts';
import { startPart, traceIdOf, type Span } from '../lib/tracer.ts';
import { toStorable } from '../lib/storable.ts';
import { toPayload, WEBHOOK_HEADERS } from '../lib/webhook-payload.ts';
import type { ClaimedDelivery } from './claim-deliveries.ts';
import type { PostAnswer, WebhookDeps } from './deps.ts';
import { finishDelivery, type FinishedTry, type TryResult } from './finish-delivery.ts';
import { judgeReply, type Verdict } from './policy/retry.ts';
import { signWebhook } from './sign.ts';

const ANSWER_CHARACTERS = 2_048;
/** After these the delivery is left to its lease, and made again under the same id. */
const MAX_RECORD_TRIES = 6;

/** Makes one try of a delivery and writes down what came of it. */
export async function deliverOne(deps: WebhookDeps, delivery: ClaimedDelivery): Promise<void> {
  const { schedule } = deps.settings;
  const body = toPayload(delivery);
  const signed = signWebhook(secretsOf(deps, delivery), { id: delivery.id, body, now: new Date() });
  const span = startSpan(deps, delivery);
  const headers = {
    ...WEBHOOK_HEADERS,
    ...(span && { traceparent: span.traceparent }),
    ...signed,
  };
  const start = performance.now();
  const answer = await deps.post(delivery.url, { headers, body });
  const latencyMs = performance.now() - start;
  endSpan(span, answer);
  const verdict = judgeReply(toReply(answer), {
    ...{ tries: delivery.tries + 1, schedule, random: deps.random },
  });
  const { disableAfterMs } = schedule;
  const result = { ...describe(answer), latencyMs };
  await insist(deps, { delivery, result, verdict, disableAfterMs });
  report(deps, { delivery, result, outcome: verdict.kind });
  deps.onTried(verdict.kind);
}

function startSpan({ tracer }: WebhookDeps, delivery: ClaimedDelivery): Span | null {
  return startPart(tracer, {
    ...{ name: 'webhook delivery', kind: 'client', parent: delivery.traceparent },
    attributes: {
      'courierx.account_id': delivery.accountId,
      'courierx.email_id': delivery.emailId ?? '',
      'courierx.webhook_endpoint_id': delivery.endpointId,
      'courierx.webhook_delivery_id': delivery.id,
      'courierx.event': delivery.type,
      'courierx.try': delivery.tries + 1,
    },
  });
}

function endSpan(span: Span | null, answer: PostAnswer): void {
  const status = answer.kind === 'answer' ? answer.status : null;
  const isFine = status !== null && status >= 200 && status < 300;
  span?.end({
    attributes: status === null ? {} : { 'http.response.status_code': status },
    ...(!isFine && { failure: status === null ? 'no answer' : String(status) }),
  });
}

/** What tells the lines of one delivery from those of others. */
export function whichOf({ accountId, emailId, endpointId, id, traceparent }: ClaimedDelivery) {
  const traceId = traceIdOf(traceparent);
  return { accountId, emailId, endpointId, deliveryId: id, traceId };
}

type Tried = { readonly delivery: ClaimedDelivery; readonly outcome: Verdict['kind'] };

/** One line a try; not what the endpoint answered, which is in the delivery's own record. */
function report({ log }: WebhookDeps, tried: Tried & { result: TryResult }): void {
  const { delivery, outcome, result } = tried;
  const level = outcome === 'succeeded' ? 'debug' : 'info';
  const { statusCode, latencyMs } = result;
  log[level](
    {
      ...whichOf(delivery),
      ...{ event: delivery.type, try: delivery.tries + 1, outcome },
      ...{ statusCode, latencyMs: Math.round(latencyMs) },
    },
    'webhook delivery',
  );
}

function secretsOf({ keyring }: WebhookDeps, delivery: ClaimedDelivery): string[] {
  const { accountId, endpointId, secret, oldSecret } = delivery;
  const dataKey = { wrapped: delivery.dataKey, master: delivery.dataKeyMaster };
  const owner = { accountId, endpointId, dataKey };
  return [secret, oldSecret]
    .filter((sealed) => sealed !== null)
    .map((sealed) => openSigningSecret(keyring, owner, sealed));
}

function toReply(answer: PostAnswer) {
  if (answer.kind === 'no_answer') return { status: null, retryAfterMs: null };
  return { status: answer.status, retryAfterMs: answer.retryAfterMs };
}

function describe(answer: PostAnswer) {
  if (answer.kind === 'no_answer') {
    return { statusCode: null, answer: null, error: toKept(answer.error) };
  }
  const { status, body } = answer;
  const isRedirect = status >= 300 && status < 400;
  const isFine = status >= 200 && status < 300;
  const refused = isRedirect
    ? `answered ${status}; redirects are not followed`
    : `answered ${status}`;
  return {
    statusCode: status,
    answer: toKept(body),
    error: isFine ? null : refused,
  };
}

function toKept(text: string): string {
  return toStorable(text.slice(0, ANSWER_CHARACTERS));
}

async function insist({ database, log }: WebhookDeps, finished: FinishedTry): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await finishDelivery(database.pool, finished);
      return;
    } catch (error) {
      if (tries >= MAX_RECORD_TRIES) throw error;
      log.warn({ err: error, ...whichOf(finished.delivery) }, 'webhook not yet recorded');
      await delay(100 * 2 ** tries);
    }
  }
}
