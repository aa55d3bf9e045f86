import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';
import { tellFirstLoad } from './first-load.ts';

const TEXT = { params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT } };
const COMPRESSED = /\.(js|css|html|svg)$/;

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
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content, TEXT));
  await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: 9 }));
}
