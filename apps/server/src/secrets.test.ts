import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadOrCreateSecrets } from './secrets.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'courierx-secrets-'));
  path = join(directory, 'secrets.json');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('loadOrCreateSecrets', () => {
  test('makes them once, for the owner alone, and leaves nothing else behind', async () => {
    const made = await loadOrCreateSecrets(directory);
    expect(made.encryptionKey).toHaveLength(32);
    expect(made.jwtSecret).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateSecrets(directory)).toEqual(made);
    expect(await readdir(directory)).toEqual(['secrets.json']);
  });

  test('gives all who start at the same time the same ones', async () => {
    const starters = Array.from({ length: 8 }, () => loadOrCreateSecrets(directory));
    const secrets = await Promise.all(starters);
    expect(new Set(secrets.map(({ encryptionKey }) => encryptionKey.toString('hex'))).size).toBe(1);
    expect(secrets).toContainEqual(await loadOrCreateSecrets(directory));
    expect(await readdir(directory)).toEqual(['secrets.json']);
  });

  test('refuses a file that others can read', async () => {
    await loadOrCreateSecrets(directory);
    await chmod(path, 0o644);
    await expect(loadOrCreateSecrets(directory)).rejects.toThrow(`chmod 600 ${path}`);
  });

  test.each([
    ['cut off', (text: string) => text.slice(0, 40)],
    ['empty', () => ''],
    ['of another form', () => '{"encryption_key":"c2hvcnQ=","jwt_secret":"c2hvcnQ="}'],
    ['null', () => 'null'],
  ])('refuses a file that is %s, and shows nothing of it', async (_what, damage) => {
    await loadOrCreateSecrets(directory);
    const text = await readFile(path, 'utf8');
    const { encryption_key: key } = JSON.parse(text) as { encryption_key: string };
    await writeFile(path, damage(text));
    const error: unknown = await loadOrCreateSecrets(directory).catch((reason: unknown) => reason);
    expect(String(error)).toContain(`${path} is damaged`);
    expect(String(error)).not.toContain(key.slice(0, 8));
  });
});
