import { setTimeout as delay } from 'node:timers/promises';

/** A running PostgreSQL, our child or an adopted one. */
export type ServerProcess = {
  readonly pid: number;
  /** Resolves when it has ended, with the words for it. */
  readonly exited: Promise<string>;
  signal(name: NodeJS.Signals): void;
};

/** A fast shutdown writes all dirty pages, which may take its time on a slow disk. */
const FAST_SHUTDOWN_MS = 60_000;

/** Ends a server: fast shutdown first, and without the last checkpoint when that hangs. */
export async function endServerProcess(server: ServerProcess): Promise<void> {
  server.signal('SIGINT');
  const timer = new AbortController();
  const late = delay(FAST_SHUTDOWN_MS, 'late', { signal: timer.signal }).catch(() => 'ended');
  const first = await Promise.race([server.exited.then(() => 'ended'), late]);
  timer.abort();
  // Nothing committed is lost: the next start recovers it from the log.
  if (first === 'late') server.signal('SIGQUIT');
  await server.exited;
}
