import { jwtVerify, SignJWT } from 'jose';

const ISSUER = 'courierx';
const LIFETIME_SECONDS = 24 * 60 * 60;

/** What a session's token says. */
export type SessionClaims = { readonly accountId: string; readonly sessionVersion: number };

export type SessionToken = { readonly token: string; readonly expiresAt: Date };

/** A JWT (HS256) good for 24 hours. */
export async function signSession(
  secret: Buffer,
  claims: SessionClaims,
  now: Date,
): Promise<SessionToken> {
  const issuedAt = Math.floor(now.getTime() / 1000);
  const expiresAt = issuedAt + LIFETIME_SECONDS;
  const token = await new SignJWT({ sv: claims.sessionVersion })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(ISSUER)
    .setSubject(claims.accountId)
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
      requiredClaims: ['sub', 'exp', 'sv'],
    });
    const { sub, sv } = payload;
    return sub !== undefined && typeof sv === 'number'
      ? { accountId: sub, sessionVersion: sv }
      : null;
  } catch {
    return null;
  }
}
