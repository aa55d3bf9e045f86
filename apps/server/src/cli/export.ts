import type { Command } from 'commander';
import { printError, runCommand } from './output.ts';
import type { CliActions, CliConfig } from './types.ts';

export function addExportCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('export')
    .description(
      'Write everything in the database to a file, as of one moment, while it is in use.',
    )
    .argument('<file>', 'the archive to make (.tar.gz), or - for the standard output')
    .addHelpText('after', `\n${KEY_NOTE}`)
    .action(
      runCommand(async (file: string) => {
        const { rows } = await actions.exportData(actions.readConfig({}), {
          file,
          onProgress: (line) => printError(`  ${line}`),
        });
        printError(`Exported ${sum(rows)} rows.\n${KEY_NOTE}`);
      }),
    );
}

const KEY_NOTE =
  'Provider credentials are in it as they are stored: sealed. Keep COURIERX_ENCRYPTION_KEY (or secrets.json of the data directory) with it, in another place; without it they are lost.';

export function sum(rows: Readonly<Record<string, number>>): number {
  return Object.values(rows).reduce((total, count) => total + count, 0);
}
