import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

const COMPRESSED = /\.(js|css|html|svg)$/;
const MAX_FIRST_LOAD_KB = 200;

type Chunk = { readonly file: string; readonly imports?: readonly string[]; isEntry?: boolean };

/** Writes a `.br` and a `.gz` beside each file, and refuses a first load of too much script. */
export function compressAssets(): Plugin {
  let out = 'dist';
  return {
    name: 'courierx-compress-assets',
    apply: 'build',
    configResolved(config) {
      out = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(out, { recursive: true });
      await Promise.all(
        entries.filter((name) => COMPRESSED.test(name)).map((name) => compress(join(out, name))),
      );
      await tellFirstLoad(out, (line) => this.info(line));
    },
  };
}

async function compress(path: string): Promise<void> {
  const content = await readFile(path);
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}

async function tellFirstLoad(out: string, tell: (line: string) => void): Promise<void> {
  const manifest = JSON.parse(await readFile(join(out, '.vite/manifest.json'), 'utf8')) as Readonly<
    Record<string, Chunk>
  >;
  const files = new Set<string>();
  const add = (key: string) => {
    const chunk = manifest[key];
    if (chunk === undefined || files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(add);
  };
  for (const [key, chunk] of Object.entries(manifest)) if (chunk.isEntry === true) add(key);
  const sizes = await Promise.all(
    [...files].map(async (file) => (await readFile(join(out, `${file}.gz`))).length),
  );
  const kilobytes = sizes.reduce((sum, size) => sum + size, 0) / 1024;
  tell(`first load: ${kilobytes.toFixed(1)} KB of script (gzip) in ${sizes.length} files`);
  if (kilobytes > MAX_FIRST_LOAD_KB) {
    throw new Error(`The first load is over ${MAX_FIRST_LOAD_KB} KB; load what is large by route.`);
  }
}
