import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { chromium, type Browser } from 'playwright-core';

const run = promisify(execFile);
const CHROMIUM = '/usr/bin/chromium';

/** Debian's Chromium, installed where it is missing and may be; null where there is none. */
export async function openBrowser(): Promise<Browser | null> {
  if (!existsSync(CHROMIUM) && process.getuid?.() === 0) {
    const args = ['install', '-y', '--no-install-recommends', 'chromium'];
    await run('apt-get', args, { timeout: 240_000 }).catch(() => undefined);
  }
  if (!existsSync(CHROMIUM)) return null;
  return chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] }).catch(() => null);
}
