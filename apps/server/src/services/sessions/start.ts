import type { SessionAnswer } from '@courierx/contract';
import { toWire, type AccountRow } from '../accounts/to-wire.ts';
import type { ServiceDeps } from '../context.ts';
import { signSession } from './tokens.ts';

/** The answer to a registration or a login. */
export async function startSession(
  { jwtSecret, now }: ServiceDeps,
  account: AccountRow & { readonly sessionVersion: number },
): Promise<SessionAnswer> {
  const owner = { accountId: account.id, sessionVersion: account.sessionVersion };
  const { token, expiresAt } = await signSession(jwtSecret, owner, now());
  return { token, expires_at: expiresAt.toISOString(), account: toWire(account) };
}
