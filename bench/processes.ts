import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const COURIERX = fileURLToPath(new URL('../apps/server/bin/courierx.js', import.meta.url));
const cleanups: (() => Promise<void>)[] = [];

/** Runs at the end, whatever ends it; the last added runs first. */
export function onCleanUp(cleanup: () => Promise<void>): void {
  cleanups.push(cleanup);
}

/** Ends all that was started and removes all that was made, the last first. */
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup().catch(() => undefined);
}

export async function makeDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'courierx-bench-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export type Running = {
  readonly pid: number;
  readonly url: string;
  readonly startMs: number;
  stop(): Promise<void>;
};

/** Starts the real server and waits until it is ready. */
export async function startCourierx(env: Record<string, string>): Promise<Running> {
  const startedAt = performance.now();
  const child = spawnCourierx(env);
  const stop = () => end(child);
  cleanups.push(stop);
  const url = await readUrl(child);
  while (!(await isReady(url))) await delay(10);
  return { pid: child.pid ?? 0, url, startMs: performance.now() - startedAt, stop };
}

/** Starts a worker, which listens nowhere. */
export async function startWorker(env: Record<string, string>): Promise<{ stop(): Promise<void> }> {
  const child = spawnCourierx({ ...env, COURIERX_ROLE: 'worker' });
  const stop = () => end(child);
  cleanups.push(stop);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  while (!output.includes('worker is')) {
    if (child.exitCode !== null) throw new Error(`The worker ended at its start: ${output}`);
    await delay(20);
  }
  return { stop };
}

function spawnCourierx(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--max-semi-space-size=16', COURIERX, 'start'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_ENV: 'production',
      PORT: '0',
      COURIERX_LOG_LEVEL: 'warn',
      COURIERX_PRIVATE_NETWORKS: 'allow',
      COURIERX_RATE_LIMIT_PER_MINUTE: '1000000000',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function readUrl(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const url = /listening on (http:\S+)/.exec(output)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('exit', () => reject(new Error(`The server ended at its start: ${output}`)));
  });
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

/** A helper process of the benchmark, which tells its port and answers questions. */
export type Helper = { readonly port: number; ask(): Promise<SinkCount>; stop(): Promise<void> };

/** What a sink has seen: mails by our id, and copies beyond the first. */
export type SinkCount = {
  readonly mails: number;
  readonly copies: number;
  readonly lastAt: number;
};

export async function startHelper(name: string, args: readonly string[] = []): Promise<Helper> {
  const child = fork(fileURLToPath(new URL(`./helpers/${name}.ts`, import.meta.url)), args);
  const stop = () => end(child);
  cleanups.push(stop);
  const [port] = (await once(child, 'message')) as [number];
  return {
    port,
    stop,
    async ask() {
      child.send('count');
      const [count] = (await once(child, 'message')) as [SinkCount];
      return count;
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Resident memory in MB. */
export function memoryOf(pid: number): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** The most resident memory so far, in MB. */
export function peakMemoryOf(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

/** CPU seconds used so far. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** A program of the system that runs until it is stopped. */
export async function startProgram(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = () => end(child);
  cleanups.push(stop);
  let output = '';
  const collect = (chunk: Buffer) => (output += chunk.toString());
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  await once(child, 'spawn');
  return {
    stop,
    async untilPrinted(pattern: RegExp): Promise<void> {
      while (!pattern.test(output)) {
        if (child.exitCode !== null) throw new Error(`${command} ended: ${output}`);
        await delay(20);
      }
    },
  };
}
