// Compiles the sources twice, as ES modules and as CommonJS, each beside its types: into `dist`, or
// into the directory given.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const here = import.meta.dirname ?? dirname(new URL(import.meta.url).pathname);
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
const builds = [
  { folder: 'esm', type: 'module', flags: ['--module', 'nodenext'] },
  {
    folder: 'cjs',
    type: 'commonjs',
    flags: [
      '--module',
      'commonjs',
      '--moduleResolution',
      'bundler',
      '--verbatimModuleSyntax',
      'false',
    ],
  },
];

const dist = process.argv[2] ?? join(here, 'dist');
rmSync(dist, { recursive: true, force: true });
for (const { folder, type, flags } of builds) {
  const out = join(dist, folder);
  mkdirSync(out, { recursive: true });
  const config = join(here, 'tsconfig.build.json');
  execFileSync(process.execPath, [tsc, '-p', config, '--outDir', out, ...flags], {
    stdio: 'inherit',
  });
  writeFileSync(join(out, 'package.json'), `${JSON.stringify({ type })}\n`);
}
