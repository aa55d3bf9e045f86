#!/usr/bin/env -S node --max-semi-space-size=16
// Plain JavaScript, so that an older Node can still say what is missing. The flag bounds the memory of
// what lives shortly: left to itself, V8 takes 134 MB of it, and 34 MB do.
import module from 'node:module';

const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `CourierX needs Node 24 and this is ${process.versions.node}. "npm start" and "npx courierx" use the Node that "npm ci" installed beside it.`,
  );
  process.exit(1);
}
// Where this program may be written, what was compiled is kept beside it: a start takes a third less,
// and the compiler of TypeScript is not kept in memory.
module.enableCompileCache(`${import.meta.dirname}/../.cache`);
await import('../src/main.ts');
