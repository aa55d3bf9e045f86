import { buildProgram } from './cli/program.ts';
import { createLogger } from './logger.ts';
import { readConfig, readEnvironment, type Config } from './config.ts';
import { buildDashboard } from './dashboard-build.ts';
import { checkServer } from './doctor.ts';
import { changeAccountLimit, listAllAccounts, resetAccountPassword } from './manage-accounts.ts';
import { migrateStore } from './migrate-store.ts';
import { startServer } from './server.ts';

// Whoever read the output may have gone (`… | head`): the server stays.
process.stdout.on('error', () => undefined);

const quiet = (config: Config) => createLogger({ ...config, logLevel: 'silent' });

const program = buildProgram({
  readConfig: (overrides) => readConfig({ ...readEnvironment(), ...overrides }),
  startServer: (config) => startServer(config, createLogger(config)),
  buildDashboard: async (config, build) => {
    if (config.buildsDashboard && config.role !== 'worker') await buildDashboard(build);
  },
  migrateStore: (config) => migrateStore(config, quiet(config)),
  checkServer: (config) => checkServer(config, quiet(config)),
  // What a server never does is not kept in its memory.
  async exportData(config, request) {
    const { exportData } = await import('./move-data.ts');
    return exportData(config, quiet(config), request);
  },
  async importData(config, request) {
    const { importData } = await import('./move-data.ts');
    return importData(config, quiet(config), request);
  },
  async runChaos(options) {
    const { runChaos } = await import('./chaos/run-chaos.ts');
    const { describeReport, isHeldUp } = await import('./chaos/describe-report.ts');
    const report = await runChaos(options);
    const { figures, damage, violations, isDrained } = report;
    const result = { figures, damage, violations, is_drained: isDrained };
    return { isHeldUp: isHeldUp(report), lines: describeReport(report), result };
  },
  listAccounts: (config) => listAllAccounts(config, quiet(config)),
  setAccountLimit: (config, account, perMinute) =>
    changeAccountLimit(config, quiet(config), { account, perMinute }),
  resetPassword: (config, account) => resetAccountPassword(config, quiet(config), account),
});

await program.parseAsync();
