import { join } from 'node:path';
import { makeDataDir, startProgram } from '../processes.ts';

/** Redis on a socket of its own. `fsync`: `always` is durable, `everysec` its usual setting. */
export async function startRedis(fsync: 'always' | 'everysec') {
  const directory = await makeDataDir();
  const socket = join(directory, 'redis.sock');
  const program = await startProgram('redis-server', [
    ...['--port', '0', '--unixsocket', socket, '--dir', directory, '--save', ''],
    ...['--appendonly', 'yes', '--appendfsync', fsync, '--daemonize', 'no'],
  ]);
  await program.untilPrinted(/ready to accept connections/i);
  return { socket, stop: program.stop };
}
