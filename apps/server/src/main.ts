import { describeReport, isHeldUp } from './chaos/describe-report.ts';
import { runChaos } from './chaos/run-chaos.ts';
import { buildProgram } from './cli/program.ts';
import { createLogger } from './logger.ts';
import { readConfig, readEnvironment } from './config.ts';
import { checkServer } from './doctor.ts';
import { migrateStore } from './migrate-store.ts';
import { startServer } from './server.ts';

// Whoever read the output may have gone (`… | head`): the server stays.
process.stdout.on('error', () => undefined);

const program = buildProgram({
  readConfig: (overrides) => readConfig({ ...readEnvironment(), ...overrides }),
  startServer: (config) => startServer(config, createLogger(config)),
  migrateStore: (config) => migrateStore(config, createLogger({ ...config, logLevel: 'silent' })),
  checkServer: (config) => checkServer(config, createLogger({ ...config, logLevel: 'silent' })),
  async runChaos(options) {
    const report = await runChaos(options);
    const { figures, damage, violations, isDrained } = report;
    const result = { figures, damage, violations, is_drained: isDrained };
    return { isHeldUp: isHeldUp(report), lines: describeReport(report), result };
  },
});

await program.parseAsync();
