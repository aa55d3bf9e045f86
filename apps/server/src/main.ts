import { buildProgram } from './cli/program.ts';
import { createLogger } from './logger.ts';
import { readConfig, readEnvironment } from './config.ts';
import { checkServer } from './doctor.ts';
import { changeAccountLimit, listAllAccounts } from './manage-accounts.ts';
import { migrateStore } from './migrate-store.ts';
import { startServer } from './server.ts';

// Whoever read the output may have gone (`… | head`): the server stays.
process.stdout.on('error', () => undefined);

const program = buildProgram({
  readConfig: (overrides) => readConfig({ ...readEnvironment(), ...overrides }),
  startServer: (config) => startServer(config, createLogger(config)),
  migrateStore: (config) => migrateStore(config, createLogger({ ...config, logLevel: 'silent' })),
  checkServer: (config) => checkServer(config, createLogger({ ...config, logLevel: 'silent' })),
  listAccounts: (config) =>
    listAllAccounts(config, createLogger({ ...config, logLevel: 'silent' })),
  setAccountLimit: (config, account, perMinute) =>
    changeAccountLimit(config, createLogger({ ...config, logLevel: 'silent' }), {
      account,
      perMinute,
    }),
});

await program.parseAsync();
