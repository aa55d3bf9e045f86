import { backoffMs } from '../../lib/backoff.ts';
import type { Connection, Provider, VerificationResult } from '../../providers/provider.ts';

const LIMIT_MS = 10_000;

/** Asks the provider whether the credentials are good; a hang is `unreachable`. */
export async function askProvider(
  provider: Provider,
  connection: Connection,
): Promise<VerificationResult> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  try {
    return await provider.verify(connection, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    const message = `No answer within ${LIMIT_MS / 1000} seconds`;
    return { status: 'unreachable', message };
  }
}

/** When a connection that could not be verified is asked again. */
export function nextVerificationAt(tries: number, now: Date): Date {
  const options = { baseMs: 30_000, maxMs: 60 * 60_000, random: Math.random };
  return new Date(now.getTime() + backoffMs(tries, options));
}

/** The columns one verification sets. A provider that can't be asked changes no verdict. */
export function toColumns(
  result: VerificationResult,
  { tries, now }: { tries: number; now: Date },
) {
  const told = { verificationStatus: result.status, verificationMessage: result.message };
  if (result.status === 'verified') {
    return {
      ...told,
      status: 'verified' as const,
      verifiedAt: now,
      nextVerificationAt: null,
      verificationTries: 0,
      pausedUntil: null,
      pauseReason: null,
    };
  }
  return {
    ...told,
    ...(result.status === 'failed' && { status: 'invalid' as const }),
    nextVerificationAt: nextVerificationAt(tries, now),
    verificationTries: tries + 1,
  };
}
