import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const DASHBOARD = 'apps/dashboard';
const SOURCES = [
  `${DASHBOARD}/src`,
  `${DASHBOARD}/index.html`,
  `${DASHBOARD}/package.json`,
  `${DASHBOARD}/vite.config.ts`,
  'packages/contract/src',
];
/** As old as the newest source it was built from. */
const STAMP = '.built';
const INDEX = 'index.html';
/** Of a failed build's output, what is shown: the end tells what was wrong. */
const SHOWN_LINES = 8;

/** Where the built dashboard is, or will be. */
export const DASHBOARD_ROOT = join(REPOSITORY, DASHBOARD, 'dist');

export type DashboardBuild = {
  /** Of the repository; for tests. */
  readonly repository?: string;
  /** The program and its arguments; by default npm's script. */
  readonly command?: readonly [string, ...string[]];
  readonly onProgress: (line: string) => void;
  /** Ends a build that is under way. */
  readonly signal: AbortSignal;
};

/**
 * Builds the dashboard of a checkout in a process of its own, where it is missing or older than its
 * sources. It never throws: mail does not depend on it.
 */
export async function buildDashboard(build: DashboardBuild): Promise<void> {
  const { repository = REPOSITORY, onProgress, signal } = build;
  if (!existsSync(join(repository, DASHBOARD, 'package.json'))) return;
  try {
    const newest = await newestSource(repository);
    if ((await builtFrom(repository)) >= newest) return;
    onProgress('The dashboard is being built; mail does not wait for it.');
    const { code, output } = await run(build, repository);
    if (signal.aborted) return;
    if (code === 0) {
      await writeFile(join(repository, DASHBOARD, 'dist', STAMP), String(newest));
      onProgress('The dashboard is ready.');
    } else onProgress(describeFailure(output));
  } catch (error) {
    if (!signal.aborted) onProgress(describeFailure(String(error)));
  }
}

/** In milliseconds, as all times here; 0 where nothing is built. */
async function builtFrom(repository: string): Promise<number> {
  const dist = join(repository, DASHBOARD, 'dist');
  const index = await timeOf(join(dist, INDEX));
  if (index === 0) return 0;
  const stamp = join(dist, STAMP);
  // Built by hand, it has no stamp.
  if (!existsSync(stamp)) return index;
  return Number(await readFile(stamp, 'utf8'));
}

async function newestSource(repository: string): Promise<number> {
  const times = await Promise.all(SOURCES.map((path) => newestIn(join(repository, path))));
  return Math.max(...times);
}

async function newestIn(path: string): Promise<number> {
  if (!existsSync(path)) return 0;
  if (!(await stat(path)).isDirectory()) return timeOf(path);
  const entries = await readdir(path, { recursive: true });
  const times = await Promise.all(entries.map((entry) => timeOf(join(path, entry))));
  return Math.max(0, ...times);
}

async function timeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.mtimeMs ?? 0;
}

type Run = { readonly code: number | null; readonly output: string };

function run({ command, signal }: DashboardBuild, cwd: string): Promise<Run> {
  const [program, ...args] = command ?? ['npm', 'run', 'build', '-w', '@courierx/dashboard'];
  return new Promise((resolve, reject) => {
    const isWindows = process.platform === 'win32';
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    const child = spawn(program, args, { cwd, signal, stdio: [...stdio], shell: isWindows });
    let output = '';
    const collect = (chunk: Buffer) => (output = (output + chunk.toString()).slice(-10_000));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code, output });
    });
  });
}

function describeFailure(output: string): string {
  const lines = output.trim().split('\n').slice(-SHOWN_LINES);
  return [
    'The dashboard could not be built; mail and the API are not affected. "npm run build" tries again:',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
}
