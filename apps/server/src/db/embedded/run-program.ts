import { spawn, type SpawnOptions } from 'node:child_process';
import type { Identity } from './identity.ts';

export type ProgramResult = {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/**
 * How every program of PostgreSQL is spawned. The environment is not passed on: it holds our
 * secrets. LC_ALL=C keeps the messages in one language.
 */
export function spawnOptions(identity: Identity, cwd: string): SpawnOptions {
  const user = identity.switched ? { uid: identity.uid, gid: identity.gid } : {};
  return { cwd, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' }, ...user };
}

/** Runs a program to its end; rejects when it can't be started at all. */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: SpawnOptions,
): Promise<ProgramResult> {
  const child = spawn(file, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
