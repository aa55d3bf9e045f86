import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { errorCode } from './error.ts';
import { runProgram } from './run-program.ts';

/** What runs under a pid: its program's name; undefined when nothing does or it is a zombie. */
export async function programOf(pid: number): Promise<string | undefined> {
  return process.platform === 'linux' ? await programOnLinux(pid) : await programByPs(pid);
}

/** True when a process with this pid exists and isn't a zombie. */
export async function isProcessAlive(pid: number): Promise<boolean> {
  return (await programOf(pid)) !== undefined;
}

/**
 * True when a process of PostgreSQL works in this directory, or might: where it works is hidden
 * from root in a container without CAP_SYS_PTRACE. All of PostgreSQL's processes work in their
 * data directory. Linux only.
 */
export async function mayHavePostgresIn(directory: string): Promise<boolean> {
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || (await programOnLinux(pid)) !== 'postgres') continue;
    if ([directory, 'hidden'].includes(await workingDirectory(pid))) return true;
  }
  return false;
}

async function programOnLinux(pid: number): Promise<string | undefined> {
  const text = await readProc(`/proc/${pid}/stat`);
  // The name stands in parentheses and may hold any character; the state follows the last one.
  const end = text.lastIndexOf(')');
  const state = text.charAt(end + 2);
  if (end < 0 || state === 'Z' || state === 'X') return undefined;
  return text.slice(text.indexOf('(') + 1, end);
}

async function workingDirectory(pid: number): Promise<string> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (error) {
    return errorCode(error) === 'EACCES' ? 'hidden' : 'gone';
  }
}

async function readProc(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(error))) return '';
    throw error;
  }
}

async function programByPs(pid: number): Promise<string | undefined> {
  const args = ['-o', 'state=,comm=', '-p', String(pid)];
  const { stdout } = await runProgram('/bin/ps', args, { env: { LC_ALL: 'C' } });
  const [, state, command] = /^\s*(\S+)\s+(.+?)\s*$/.exec(stdout) ?? [];
  if (state === undefined || command === undefined || state.startsWith('Z')) return undefined;
  return basename(command);
}
