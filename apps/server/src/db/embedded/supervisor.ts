import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../lib/backoff.ts';
import { endServerProcess, type ServerProcess } from './server-process.ts';

export type SupervisorOptions = {
  readonly first: ServerProcess;
  /** Starts a server anew; rejects when it fails or the signal says stop. */
  readonly start: (signal: AbortSignal) => Promise<ServerProcess>;
  readonly onLog: (line: string) => void;
};

export type Supervisor = { stop(): Promise<void> };

/** A server that lived this long was well: the next failure counts as the first. */
const SETTLED_MS = 60_000;
const BACKOFF = { baseMs: 100, maxMs: 10_000, random: Math.random };

/** Starts the server again whenever it ends, until stopped. */
export function supervise(options: SupervisorOptions): Supervisor {
  const stopping = new AbortController();
  const finished = keepRunning(options, stopping.signal);
  // Awaited only by stop(), which may come much later.
  finished.catch((error: unknown) => options.onLog(`Supervision ended: ${String(error)}`));
  return {
    async stop() {
      stopping.abort();
      await finished;
    },
  };
}

async function keepRunning(options: SupervisorOptions, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<'stopped'>((resolve) => {
    signal.addEventListener('abort', () => resolve('stopped'), { once: true });
  });
  let server: ServerProcess | undefined = options.first;
  let failures = 0;
  while (server !== undefined) {
    const startedAt = performance.now();
    const how = await Promise.race([stopped, server.exited]);
    if (how === 'stopped') {
      await endServerProcess(server);
      return;
    }
    if (performance.now() - startedAt > SETTLED_MS) failures = 0;
    options.onLog(`PostgreSQL (pid ${server.pid}) ended unexpectedly (${how}); starting it again`);
    ({ server, failures } = await startAgain(options, signal, failures));
  }
}

/** Tries until a server runs; none when told to stop. */
async function startAgain(
  options: SupervisorOptions,
  signal: AbortSignal,
  failuresBefore: number,
): Promise<{ server: ServerProcess | undefined; failures: number }> {
  let failures = failuresBefore;
  while (!signal.aborted) {
    const waitMs = failures === 0 ? 0 : backoffMs(failures, BACKOFF);
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    failures += 1;
    try {
      const server = await options.start(signal);
      options.onLog(`PostgreSQL runs again (pid ${server.pid})`);
      return { server, failures };
    } catch (error) {
      // Its further lines are PostgreSQL's own, which are in the log already.
      const [reason = ''] = String(error).split('\n', 1);
      options.onLog(`PostgreSQL didn't come back, try ${failures}: ${reason}`);
    }
  }
  return { server: undefined, failures };
}
