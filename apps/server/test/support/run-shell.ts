import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const STAND_IN = fileURLToPath(new URL('./curl-stand-in.js', import.meta.url));
const run = promisify(execFile);

/** Runs documented commands as they are, in the repository; resolves to what they printed. */
export async function runShell(script: string, env: Record<string, string> = {}): Promise<string> {
  const bin = await mkdtemp(join(tmpdir(), 'courierx-bin-'));
  try {
    await provideCurl(bin);
    const path = [join(ROOT, 'node_modules/.bin'), process.env['PATH'] ?? '', bin].join(delimiter);
    const { stdout } = await run('sh', ['-e', '-c', script], {
      cwd: ROOT,
      env: { PATH: path, HOME: process.env['HOME'] ?? '/', ...env },
      timeout: 60_000,
    });
    return stdout;
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}

/** Last on the path, so that a real curl is used where there is one. */
async function provideCurl(directory: string): Promise<void> {
  const path = join(directory, 'curl');
  await copyFile(STAND_IN, path);
  await copyFile(STAND_IN, `${path}.mjs`);
  await chmod(path, 0o755);
}
