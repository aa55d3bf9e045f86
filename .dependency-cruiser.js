const SRC = 'apps/server/src';

/** Folder → folders of ours it may import, besides itself, lib and the contract package. */
const MAY_IMPORT = {
  lib: [],
  db: [],
  providers: [],
  queue: ['db'],
  dispatch: ['providers', 'queue', 'db'],
  events: ['providers', 'queue', 'db'],
  webhooks: ['queue', 'db'],
  services: ['providers', 'queue', 'db'],
  http: ['services', 'events'],
  cli: ['services'],
  chaos: ['db'],
};

const folderRules = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${folder}-imports`,
  comment: `${folder} may import: itself, lib, contract${allowed.map((name) => `, ${name}`).join('')}.`,
  severity: 'error',
  from: { path: `^${SRC}/${folder}/` },
  to: {
    path: `^${SRC}/`,
    pathNot: `^${SRC}/(${[folder, 'lib', ...allowed].join('|')})/`,
  },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderRules,
    {
      name: 'adapters-are-islands',
      comment: 'An adapter never imports another adapter.',
      severity: 'error',
      from: { path: `^${SRC}/providers/([^/]+)/`, pathNot: `^${SRC}/providers/testing/` },
      to: {
        path: `^${SRC}/providers/[^/]+/`,
        // The suite that all adapters' tests share.
        pathNot: [`^${SRC}/providers/$1/`, `^${SRC}/providers/testing/`],
      },
    },
    {
      name: 'testing-is-for-tests',
      severity: 'error',
      from: { path: `^${SRC}/`, pathNot: [`^${SRC}/providers/testing/`, '\\.test\\.ts$'] },
      to: { path: `^${SRC}/providers/testing/` },
    },
    {
      name: 'only-the-registry-names-adapters',
      severity: 'error',
      from: {
        path: `^${SRC}/`,
        pathNot: [`^${SRC}/providers/registry\\.ts$`, `^${SRC}/providers/[^/]+/`, '\\.test\\.ts$'],
      },
      to: { path: `^${SRC}/providers/[^/]+/` },
    },
    {
      name: 'policy-is-pure',
      comment: 'Policy takes values and returns values: no package, no I/O.',
      severity: 'error',
      from: { path: '/policy/', pathNot: '\\.test\\.ts$' },
      to: {
        pathNot: [
          `^${SRC}/lib/`,
          `^${SRC}/providers/[^/]+\\.ts$`,
          '/policy/',
          '^packages/contract/',
        ],
      },
    },
    {
      name: 'the-dashboard-stands-alone',
      comment: 'It knows the public API and the types of the contract, nothing of the server.',
      severity: 'error',
      from: { path: '^apps/dashboard/' },
      to: { path: ['^apps/server/', '^packages/sdk/'] },
    },
    {
      name: 'dashboard-features-are-islands',
      severity: 'error',
      from: { path: '^apps/dashboard/src/features/([^/]+)/' },
      to: {
        path: '^apps/dashboard/src/features/[^/]+/',
        pathNot: ['^apps/dashboard/src/features/$1/', '/api/[^/]+\\.ts$'],
      },
    },
    {
      name: 'contract-is-a-leaf',
      severity: 'error',
      from: { path: '^packages/contract/' },
      to: { path: '^apps/' },
    },
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.test\\.ts$', 'main\\.tsx?$', '\\.d\\.ts$', '/pages\\.ts$'],
      },
      to: {},
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-dev-dependencies-in-production-code',
      severity: 'error',
      from: { path: `^${SRC}/`, pathNot: ['\\.test\\.ts$', '/testing/'] },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Runs in the browser, and imports what the server hands out beside it.
    exclude: { path: `^${SRC}/http/docs/assets/` },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
