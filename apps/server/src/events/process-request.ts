import type { ReportedEvent } from '../providers/webhooks.ts';
import { isDatabaseUnavailable } from '../db/errors.ts';
import { toStorable } from '../lib/storable.ts';
import { backoffMs } from '../lib/backoff.ts';
import { applyTraced } from './apply-traced.ts';
import type { KnownEvent } from './ledger-event.ts';
import type { EventsDeps } from './deps.ts';
import { findConnection, type WebhookConnection } from './find-connection.ts';
import { matchEvents } from './match-events.ts';
import type { ClaimedRequest, RequestEnd } from './requests.ts';
import { keepWaiting } from './waiting.ts';

/** Tries of a request before it is left to people. */
const MAX_TRIES = 12;
const CONFIRM_MS = 15_000;

/** Works on one stored request; may be done again at any time, with the same result. */
export async function processRequest(
  deps: EventsDeps,
  request: ClaimedRequest,
): Promise<RequestEnd> {
  try {
    return await work(deps, request);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    const where = { err: error, accountId: request.accountId, webhookRequestId: request.id };
    if (request.tries >= MAX_TRIES) {
      deps.log.error(where, 'a provider event request could not be processed; kept');
      return { kind: 'kept', error: words };
    }
    deps.log.warn(where, 'a provider event request is tried again');
    return { kind: 'retry', afterMs: retryMs(request), error: words };
  }
}

const retryMs = ({ tries }: ClaimedRequest) =>
  backoffMs(tries, { baseMs: 1_000, maxMs: 15 * 60_000, random: Math.random });

async function work(deps: EventsDeps, request: ClaimedRequest): Promise<RequestEnd> {
  const { accountId, connectionId: id } = request;
  const heard = await findConnection(deps, { accountId, id });
  const webhooks = heard ? deps.providers.get(heard.provider)?.webhooks : undefined;
  if (!heard || !webhooks) return { kind: 'kept', error: 'The connection is gone' };
  if (webhooks.confirm) {
    const signal = AbortSignal.timeout(CONFIRM_MS);
    const { connection, secret } = heard;
    const context = { connection, secret, now: deps.now(), signal };
    if (!(await webhooks.confirm(request, context))) {
      const error = 'The provider did not take the confirmation';
      return request.tries >= MAX_TRIES
        ? { kind: 'kept', error }
        : { kind: 'retry', afterMs: retryMs(request), error };
    }
  }
  const events = webhooks.read(request).map(toSound);
  const unknown = events.filter(({ type }) => type === null);
  for (const { word } of unknown) count(deps, heard, { word, result: 'unknown' });
  await takeEvents(deps, heard, events.filter(isKnown));
  if (unknown.length === 0) return { kind: 'done' };
  const words = [...new Set(unknown.map(({ word }) => word))].join(', ').slice(0, 500);
  return { kind: 'kept', error: `Unknown words: ${words}` };
}

/** Whatever receiving servers and other senders put in: one odd event must not stop the others. */
function toSound(event: ReportedEvent): ReportedEvent {
  const { occurredAt } = event;
  const isTime = occurredAt !== null && occurredAt.getTime() >= 0;
  return { ...toStorable(event), occurredAt: isTime ? occurredAt : null };
}

function isKnown(event: ReportedEvent): event is KnownEvent {
  return event.type !== null;
}

/** Applies the events whose mail is there, and keeps the others until it is. */
async function takeEvents(
  deps: EventsDeps,
  heard: WebhookConnection,
  events: readonly KnownEvent[],
): Promise<void> {
  if (events.length === 0) return;
  const { pool } = deps.database;
  const emailIds = await matchEvents(pool, heard.connection, events);
  const byEmail = new Map<string, KnownEvent[]>();
  const waiting: KnownEvent[] = [];
  events.forEach((event, index) => {
    const emailId = emailIds[index];
    if (typeof emailId !== 'string') waiting.push(event);
    else byEmail.set(emailId, [...(byEmail.get(emailId) ?? []), event]);
  });
  // What goes wrong with one mail is tried again, and keeps back none of the others.
  const failures: unknown[] = [];
  for (const [emailId, ofEmail] of byEmail) {
    await takeEventsOf(deps, heard, { emailId, events: ofEmail }).catch((error: unknown) => {
      if (isDatabaseUnavailable(error)) throw error;
      failures.push(error);
    });
  }
  await keepWaiting(pool, heard.connection, waiting);
  for (const event of waiting) count(deps, heard, { word: event.type, result: 'waiting' });
  if (failures.length > 0) throw failures[0];
}

async function takeEventsOf(
  deps: EventsDeps,
  heard: WebhookConnection,
  report: { readonly emailId: string; readonly events: readonly KnownEvent[] },
): Promise<void> {
  const applied = await applyTraced(deps, heard, report);
  for (const event of report.events) {
    count(deps, heard, { word: event.type, result: applied > 0 ? 'applied' : 'repeated' });
    if (applied > 0 && event.occurredAt) {
      const seconds = (deps.now().getTime() - event.occurredAt.getTime()) / 1000;
      deps.metrics.lag(heard.provider, Math.max(0, seconds));
    }
  }
}

function count(
  deps: EventsDeps,
  { provider }: WebhookConnection,
  { word, result }: { word: string; result: string },
): void {
  // An unknown word is the vendor's, and may be anything: never a label.
  deps.metrics.event({ provider, type: result === 'unknown' ? 'unknown' : word, result });
}
