import type { WebhookRequest, WebhookVerdict } from '../providers/webhooks.ts';
import type { EventsDeps } from './deps.ts';
import { findConnection } from './find-connection.ts';
import { storeRequest } from './store-request.ts';

/** A request at a webhook URL. */
export type ReceivedRequest = {
  readonly provider: string;
  readonly token: string;
  readonly request: WebhookRequest;
};

/** What is answered to a request at a webhook URL. */
export type Reception =
  | { readonly kind: 'taken' }
  /** No such URL. */
  | { readonly kind: 'not_found' }
  | Exclude<WebhookVerdict, { kind: 'genuine' }>;

/** A token of ours, made of 32 random bytes. */
const TOKEN = /^[A-Za-z0-9_-]{16,100}$/;
/** Checking may fetch a certificate; the vendor hangs up after ten seconds or so. */
const VERIFY_MS = 8_000;

/**
 * Takes a provider's request: checked on the raw body, stored, and no more; what it says is worked
 * on apart from it. Nothing is stored of what is not genuine.
 */
export async function receiveWebhook(
  deps: EventsDeps,
  received: ReceivedRequest,
): Promise<Reception> {
  const { provider, token, request } = received;
  const found = TOKEN.test(token) ? await findConnection(deps, { token }) : null;
  const webhooks = found ? deps.providers.get(found.provider)?.webhooks : undefined;
  if (found?.provider !== provider || !webhooks) return { kind: 'not_found' };
  const { connection, secret } = found;
  const verdict = await webhooks.verify(request, {
    connection,
    secret,
    now: deps.now(),
    signal: AbortSignal.timeout(VERIFY_MS),
  });
  if (verdict.kind !== 'genuine') {
    deps.metrics.request(provider, verdict.kind);
    return verdict;
  }
  const result = await storeRequest(deps.database.pool, {
    accountId: connection.accountId,
    connectionId: connection.id,
    replayKey: verdict.replayKey,
    request,
  });
  deps.metrics.request(provider, result);
  return result === 'altered'
    ? { kind: 'forged', message: 'Its signature was used before, with another body' }
    : { kind: 'taken' };
}
