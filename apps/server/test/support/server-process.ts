import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.ts';

const COMMAND = fileURLToPath(new URL('../../bin/courierx.js', import.meta.url));

export type ServerEnvironment = Record<string, string>;

/** A real `courierx start`, on a port the system picks. */
export type ServerProcess = {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Ends it without a chance to clean up. */
  kill(): Promise<void>;
  /** Asks it to stop, and resolves to its exit code. */
  stop(): Promise<number | null>;
};

/** The secrets that a server with a DATABASE_URL must be given. */
export function testSecrets(): ServerEnvironment {
  return {
    COURIERX_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    COURIERX_JWT_SECRET: randomBytes(32).toString('base64'),
  };
}

/** Starts the process and waits until it is ready. `PORT` 0 in `env` is the default. */
export async function startServerProcess(env: ServerEnvironment): Promise<ServerProcess> {
  let output = '';
  const child = spawn(process.execPath, [COMMAND, 'start'], {
    // What the tests run under must not reach the server they start.
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      PORT: '0',
      COURIERX_PRIVATE_NETWORKS: 'allow',
      COURIERX_LOG_LEVEL: 'warn',
      COURIERX_RATE_LIMIT_PER_MINUTE: '1000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const collect = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const isOver = () => child.exitCode !== null || child.signalCode !== null;
  const url = await waitFor(
    () => {
      if (isOver()) throw new Error(`The server ended at its start:\n${output}`);
      const isUp = output.includes('Ctrl-C stops it');
      if (!isUp) return false;
      return (
        /listening on (http:\S+)/.exec(output)?.[1] ?? (output.includes('worker is') && 'none')
      );
    },
    { timeoutMs: 45_000, what: 'the server to be up' },
  );
  const end = async (signal: NodeJS.Signals) => {
    if (isOver()) return child.exitCode;
    child.kill(signal);
    await once(child, 'exit');
    return child.exitCode;
  };
  return {
    url,
    child,
    output: () => output,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
