import { lstat, readFile, symlink } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { errorCode } from './error.ts';

type Link = { readonly source: string; readonly target: string };

/**
 * npm packages can't hold symbolic links, so the package makes those of its shared libraries in an
 * install script; where scripts are off they are missing. `root` is the folder that holds `native`.
 */
export async function hydrateSymlinks(root: string): Promise<void> {
  for (const { source, target } of await readLinks(root)) {
    const path = join(root, target);
    if (await exists(path)) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      // Another process of ours was quicker.
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}

async function readLinks(root: string): Promise<readonly Link[]> {
  try {
    const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8');
    return JSON.parse(text) as Link[];
  } catch (error) {
    // The macOS packages need no links and have no list.
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
