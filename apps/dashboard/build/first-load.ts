import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Of script as gzip; browsers mostly get brotli, which is less. */
const MAX_FIRST_LOAD_KB = 150;

/** What opening `/` loads before its figures show, by source; with all they import. */
const BEFORE_USE = ['index.html', 'src/features/overview/components/overview-page.tsx'];
/** What it loads by itself once they show. */
const AFTER_USE = ['src/components/charts/daily-chart.tsx'];

type Chunk = { readonly file: string; readonly imports?: readonly string[] };
type Manifest = Readonly<Record<string, Chunk>>;

/** Weighs what opening `/` loads when signed in. Throws when it is too much. */
export async function tellFirstLoad(out: string, tell: (line: string) => void): Promise<void> {
  const text = await readFile(join(out, '.vite/manifest.json'), 'utf8');
  const manifest = JSON.parse(text) as Manifest;
  const before = filesOf(manifest, BEFORE_USE);
  const all = filesOf(manifest, [...BEFORE_USE, ...AFTER_USE]);
  const first = { gzip: await weigh(out, before, 'gz'), brotli: await weigh(out, before, 'br') };
  const whole = { gzip: await weigh(out, all, 'gz'), brotli: await weigh(out, all, 'br') };
  tell(`script until "/" can be used: ${describe(first)} in ${before.size} files`);
  tell(`script with what comes after: ${describe(whole)} in ${all.size} files`);
  if (first.gzip > MAX_FIRST_LOAD_KB) {
    throw new Error(
      `More than ${MAX_FIRST_LOAD_KB} KB of script until "/" can be used: load what is large by ` +
        'the page or the click that needs it.',
    );
  }
}

function filesOf(manifest: Manifest, sources: readonly string[]): ReadonlySet<string> {
  const files = new Set<string>();
  const add = (source: string) => {
    const chunk = manifest[source];
    if (chunk === undefined) throw new Error(`${source} is no chunk of the build any more.`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    chunk.imports?.forEach(add);
  };
  sources.forEach(add);
  return files;
}

async function weigh(out: string, files: ReadonlySet<string>, kind: 'gz' | 'br'): Promise<number> {
  const sizes = await Promise.all(
    [...files].map(async (file) => (await stat(join(out, `${file}.${kind}`))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

const describe = ({ gzip, brotli }: { gzip: number; brotli: number }) =>
  `${gzip.toFixed(1)} KB gzip, ${brotli.toFixed(1)} KB brotli`;
