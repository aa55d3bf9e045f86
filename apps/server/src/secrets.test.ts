import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadOrCreateSecrets } from './secrets.ts';

let dataDir: string;
let path: string;

beforeEach(async () => {
  dataDir = join(await mkdtemp(join(tmpdir(), 'courierx-secrets-')), 'data');
  path = join(dataDir, 'secrets.json');
});
afterEach(() => rm(join(dataDir, '..'), { recursive: true }));

it('secrets are made once, for their owner alone', async () => {
  const made = await loadOrCreateSecrets(dataDir);
  expect([made.encryptionKey.length, made.jwtSecret.length]).toEqual([32, 32]);
  expect(made.encryptionKey.equals(made.jwtSecret)).toBe(false);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(dataDir)).toEqual(['secrets.json']);
  expect(await loadOrCreateSecrets(dataDir)).toEqual(made);
});

it('starters that race agree', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => loadOrCreateSecrets(dataDir)));
  for (const each of all) expect(each).toEqual(all[0]);
  expect(await loadOrCreateSecrets(dataDir)).toEqual(all[0]);
  expect(await readdir(dataDir)).toEqual(['secrets.json']);
});

it('a file that others can read is refused, with what to do', async () => {
  await loadOrCreateSecrets(dataDir);
  await chmod(path, 0o644);
  await expect(loadOrCreateSecrets(dataDir)).rejects.toThrow(`chmod 600 ${path}`);
});

it.each([
  '',
  '{"encryption_key":"hidden',
  'null',
  '{"encryption_key":"aGlkZGVu","jwt_secret":"aGlkZGVu"}',
  `{"jwt_secret":"${Buffer.alloc(32).toString('base64')}"}`,
])(
  'a damaged file is refused and left as it is, and its content not shown: %s',
  async (content) => {
    await loadOrCreateSecrets(dataDir);
    await writeFile(path, content);
    const error: unknown = await loadOrCreateSecrets(dataDir).catch((reason: unknown) => reason);
    expect(String(error)).toBe(`Error: ${path} is damaged. Restore it from a backup.`);
    expect(await readFile(path, 'utf8')).toBe(content);
  },
);
