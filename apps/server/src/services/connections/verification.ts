import { backoffMs } from '../../lib/backoff.ts';
import { toStorable } from '../../lib/storable.ts';
import type { Connection } from '../../providers/connection.ts';
import type { Provider, VerificationResult } from '../../providers/provider.ts';

const LIMIT_MS = 10_000;

/** Asks the provider whether the credentials are good; no answer in time is `unreachable`. */
export async function askProvider(
  provider: Provider,
  connection: Connection,
): Promise<VerificationResult> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  const late = new Promise<VerificationResult>((resolve) => {
    const message = `No answer within ${LIMIT_MS / 1000} seconds`;
    signal.addEventListener('abort', () => resolve({ status: 'unreachable', message }));
  });
  // A race, since the caller must not wait for an adapter that is slow to give up.
  return Promise.race([ask(provider, connection, signal), late]);
}

async function ask(
  provider: Provider,
  connection: Connection,
  signal: AbortSignal,
): Promise<VerificationResult> {
  try {
    return toStorable(await provider.verify(connection, signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    return { status: 'unreachable', message: 'It took too long' };
  }
}

/** When a connection that could not be verified is asked again. */
export function nextVerificationAt(tries: number, now: Date): Date {
  const options = { baseMs: 30_000, maxMs: 60 * 60_000, random: Math.random };
  return new Date(now.getTime() + backoffMs(tries, options));
}

/** What the provider told of itself; where it tells nothing, what it told before stays. */
export function learnedColumns(result: VerificationResult) {
  return result.status === 'verified' && result.learned
    ? { learned: JSON.stringify(result.learned) }
    : {};
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
      ...learnedColumns(result),
      status: 'verified' as const,
      verifiedAt: now,
      invalidSince: null,
      nextVerificationAt: null,
      verificationTries: 0,
      pausedUntil: null,
      pauseReason: null,
    };
  }
  return {
    ...told,
    ...(result.status === 'failed' && { status: 'invalid' as const, invalidSince: now }),
    nextVerificationAt: nextVerificationAt(tries, now),
    verificationTries: tries + 1,
  };
}
