import { connect, type Socket } from 'node:net';
import type { OutboundGuard } from '../../lib/outbound-guard.ts';
import type { TimeLimits } from '../time-limits.ts';
import { SmtpTimeoutError } from './error.ts';

export type SocketTarget = {
  readonly host: string;
  readonly port: number;
  readonly guard: OutboundGuard;
  readonly timeLimits: TimeLimits;
};

/** Tries the checked addresses in turn, all within the time for connecting. */
export async function openSocket(target: SocketTarget): Promise<Socket> {
  const { port, timeLimits } = target;
  const end = performance.now() + timeLimits.connectMs;
  const addresses = await resolveWithin(target);
  let failure: unknown = null;
  for (const [index, { address }] of addresses.entries()) {
    const left = Math.max(1, (end - performance.now()) / (addresses.length - index));
    try {
      return await connectTo({ host: address, port, timeoutMs: left });
    } catch (error) {
      failure = error;
    }
  }
  throw failure instanceof Error ? failure : new Error('no address to connect to');
}

/** A lookup can't be broken off; nobody waits for it any longer. */
async function resolveWithin({ host, guard, timeLimits }: SocketTarget) {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new SmtpTimeoutError(`no address of ${host} in time`)),
    timeLimits.connectMs,
  );
  try {
    return await Promise.race([guard.resolve(host), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function connectTo(target: { host: string; port: number; timeoutMs: number }): Promise<Socket> {
  const { host, port, timeoutMs } = target;
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new SmtpTimeoutError(`no connection to port ${port} in time`));
    }, timeoutMs);
    socket.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}
