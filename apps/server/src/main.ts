import { describeReport, isHeldUp } from './chaos/describe-report.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { buildProgram } from './cli/program.ts';
import { createLogger } from './logger.ts';
import { readConfig, readEnvironment, type Config } from './config.ts';
import { buildDashboard } from './dashboard-build.ts';
import { checkServer } from './doctor.ts';
import { changeAccountLimit, listAllAccounts } from './manage-accounts.ts';
import { migrateStore } from './migrate-store.ts';
import { exportData, importData } from './move-data.ts';
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
  exportData: (config, request) => exportData(config, quiet(config), request),
  importData: (config, request) => importData(config, quiet(config), request),
  async runChaos(options) {
    const report = await runChaos(options);
    const { figures, damage, violations, isDrained } = report;
    const result = { figures, damage, violations, is_drained: isDrained };
    return { isHeldUp: isHeldUp(report), lines: describeReport(report), result };
  },
  listAccounts: (config) => listAllAccounts(config, quiet(config)),
  setAccountLimit: (config, account, perMinute) =>
    changeAccountLimit(config, quiet(config), { account, perMinute }),
});

await program.parseAsync();
