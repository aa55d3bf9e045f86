import type { Command } from 'commander';
import { print, printJson, runCommand } from './output.ts';
import type { Check, CliActions, CliConfig } from './types.ts';

const MARKS = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

export function addDoctorCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('doctor')
    .description('Check settings, disk, database, clock, queue and every connection.')
    .option('--json', 'print the result as JSON')
    .action(
      runCommand(async (options: { json?: boolean }) => {
        const checks = await findOut(actions);
        const isWell = checks.every((check) => check.status !== 'failed');
        if (options.json) printJson({ ok: isWell, checks });
        else {
          for (const { name, status, message } of checks) {
            print(`${MARKS[status]}  ${name}: ${message}`);
          }
        }
        if (!isWell) process.exitCode = 1;
      }),
    );
}

async function findOut<C extends CliConfig>(actions: CliActions<C>): Promise<readonly Check[]> {
  try {
    return await actions.checkServer(actions.readConfig({}));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ name: 'settings', status: 'failed', message }];
  }
}
