import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { OutboundGuard } from '../lib/outbound-guard.ts';

/** No connection came about, so no byte of the request was written. */
export class NotConnectedError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
  }
}

/** Connects to checked addresses only, within `connectMs` for name, socket and TLS together. */
export function createGuardedConnector(
  guard: OutboundGuard,
  connectMs: number,
): buildConnector.connector {
  const connect = buildConnector({ timeout: connectMs, lookup: guard.lookup, allowH2: false });
  return (options, callback) => {
    checkLiteral(guard, options.hostname).then(
      () =>
        connect(options, (...[error, socket]) =>
          error ? callback(new NotConnectedError(error), null) : callback(null, socket),
        ),
      (error: unknown) => callback(new NotConnectedError(error as Error), null),
    );
  };
}

/** A socket asks `lookup` for names only: an address in the URL would pass it by. */
async function checkLiteral(guard: OutboundGuard, hostname: string): Promise<void> {
  if (isIP(hostname.replace(/^\[|\]$/g, '')) !== 0) await guard.resolve(hostname);
}
