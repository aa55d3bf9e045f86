#!/usr/bin/env -S node --max-semi-space-size=16
// Plain JavaScript, so that an older Node can still say what is missing.
import module from 'node:module';
import v8 from 'node:v8';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `CourierX needs Node 24 and this is ${process.versions.node}. "npm start" and "npx courierx" use the Node that "npm ci" installed beside it.`,
  );
  process.exit(1);
}
// Memory, see docs/performance.md: the flag above bounds what lives shortly, 134 MB by default; this
// one has the rest collected at 1.6 times of what lives, instead of about 3.
v8.setFlagsFromString('--heap-growing-percent=60');
// Where this program may be written, what was compiled is kept beside it: a start takes a quarter less,
// and the compiler of TypeScript is not kept in memory.
module.enableCompileCache(`${import.meta.dirname}/../.cache`);
await import('../src/main.ts');
