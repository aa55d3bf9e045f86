import type { Command } from 'commander';
import { print, printJson, runCommand } from './output.ts';
import type { CliActions, CliConfig } from './types.ts';

export function addMigrateCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('migrate')
    .description('Bring the database up to date. "start" does this too; nothing is run twice.')
    .option('--json', 'print the result as JSON')
    .action(
      runCommand(async (options: { json?: boolean }) => {
        const { applied } = await actions.migrateStore(actions.readConfig({}));
        if (options.json) printJson({ applied });
        else if (applied.length === 0) print('The database is up to date.');
        else for (const name of applied) print(`Applied ${name}`);
      }),
    );
}
