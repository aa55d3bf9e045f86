import { jwtVerify, SignJWT } from 'jose';
import { isId, newId } from '../../lib/ids.ts';

const ISSUER = 'courierx';
const LIFETIME_SECONDS = 24 * 60 * 60;

/** Whose session it is. */
export type SessionOwner = { readonly accountId: string; readonly sessionVersion: number };

/** What a session's token says. */
export type SessionClaims = SessionOwner & {
  readonly id: string;
  readonly expiresAt: Date;
};

export type SessionToken = { readonly token: string; readonly expiresAt: Date };

/** A JWT (HS256) good for 24 hours. */
export async function signSession(
  secret: Buffer,
  owner: SessionOwner,
  now: Date,
): Promise<SessionToken> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expiresAt = issuedAt + LIFETIME_SECONDS;
  const token = await new SignJWT({ sv: owner.sessionVersion })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(owner.accountId)
    .setJti(newId())
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(secret);
  return { token, expiresAt: new Date(expiresAt * 1000) };
}

/** Null for anything wrong with the token. */
export async function readSession(
  secret: Buffer,
  token: string,
  now: Date,
): Promise<SessionClaims | null> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: ISSUER,
      currentDate: now,
      requiredClaims: ['sub', 'exp', 'jti', 'sv'],
    });
    const { sub, sv, jti, exp } = payload;
    if (sub === undefined || exp === undefined || typeof sv !== 'number') return null;
    if (jti === undefined || !isId(jti)) return null;
    return { accountId: sub, sessionVersion: sv, id: jti, expiresAt: new Date(exp * 1000) };
  } catch {
    return null;
  }
}
