import type { ServiceDeps, Principal } from '../context.ts';
import { requirePermission } from '../context.ts';
import { domainOf } from '../../lib/address.ts';
import { newId } from '../../lib/ids.ts';
import type { ExplainRoute } from '../routing-rules/explain-route.ts';
import { invalid, ServiceError } from '../service-error.ts';
import type { Acceptor, AcceptResult } from './accept.ts';
import { findUncarried } from './fit.ts';
import { normalizeEmail } from './normalize.ts';

export type SendEmailInput = {
  /** The request's body, parsed. */
  readonly body: unknown;
  /** What the schema already found wrong with it. */
  readonly schemaFaults: readonly string[];
  /** The Idempotency-Key header. */
  readonly idempotencyKey: string | null;
  /** Of the request, where it is traced. */
  readonly traceparent?: string | null;
};

/**
 * Takes an email over: when this resolves it is stored durably and will be sent, or was before
 * under the same key. Throws `invalid_request` with every fault.
 */
export async function sendEmail(
  deps: ServiceDeps & { acceptor: Acceptor; explainRoute: ExplainRoute },
  principal: Principal,
  input: SendEmailInput,
): Promise<AcceptResult> {
  requirePermission(principal, 'send');
  const { faults, email: given } = normalizeEmail(input.body, input.idempotencyKey);
  const all = [...new Set([...input.schemaFaults, ...faults])];
  if (all.length > 0 || !given) throw invalid(all);
  const email = { ...given, idempotencyKey: storedKey(principal, given.idempotencyKey) };
  const uncarried = await findUncarried(deps, principal, email);
  if (uncarried.length > 0) throw invalid(uncarried);
  const id = newId();
  requireDomain(principal, domainOf(email.from.address));
  const result = await deps.acceptor.add({
    ...email,
    accountId: principal.accountId,
    id,
    mode: principal.mode,
    traceparent: input.traceparent ?? null,
    // Ours from the start and the same on every attempt, so that receivers can tell a second copy.
    messageId: `<${id}@${domainOf(email.from.address)}>`,
  });
  // What others sent from another domain is not for this key to see.
  if (principal.domain !== null && domainOf(result.email.from_email) !== principal.domain) {
    throw new ServiceError(
      'conflict',
      'The idempotency key was used for a mail from another domain; choose another',
    );
  }
  return result;
}

/**
 * Keys of test mail are apart from those of live mail: what was tried with a test key must not be
 * taken for sent when the live key comes. No key of a caller's has a control character.
 */
function storedKey({ mode }: Principal, key: string | null): string | null {
  return key === null || mode === 'live' ? key : `\u0001test ${key}`;
}

/** A key bound to a domain sends from exactly that one; not from those below it. */
function requireDomain(principal: Principal, domain: string): void {
  if (principal.domain === null || principal.domain === domain) return;
  throw new ServiceError(
    'forbidden',
    `This API key sends from ${principal.domain} only; from_email is at ${domain}.`,
  );
}
