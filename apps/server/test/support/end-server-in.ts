import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Ends the server of a data directory, without waiting: for `exit` handlers. An aborted run skips
 * the teardown, and a server lives in a session of its own, where Ctrl-C doesn't reach it.
 */
export function endServerIn(dataDir: string): void {
  try {
    const pid = Number.parseInt(readFileSync(join(dataDir, 'postgres/postmaster.pid'), 'utf8'), 10);
    process.kill(pid, 'SIGINT');
  } catch {
    // It has ended already.
  }
}
