#!/usr/bin/env node
// Plain JavaScript, so that an older Node can still say what is missing.
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  console.error(
    `CourierX needs Node 24 and this is ${process.versions.node}. "npm start" and "npx courierx" use the Node that "npm ci" installed beside it.`,
  );
  process.exit(1);
}
await import('../src/main.ts');
