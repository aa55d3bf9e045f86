import type { Command } from 'commander';
import { sum } from './export.ts';
import { printError, runCommand } from './output.ts';
import type { CliActions, CliConfig } from './types.ts';

type Options = { replace?: boolean; sendQueued?: boolean };

export function addImportCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('import')
    .description('Bring an archive of "courierx export" into an empty database, every id kept.')
    .argument('<file>', 'the archive, or - for the standard input')
    .option('--replace', 'delete everything in the target first')
    .option('--send-queued', 'send the waiting mail, although CourierX ran during the export')
    .addHelpText('after', '\nAn import that was interrupted goes on where it was: run it again.')
    .action(
      runCommand(async (file: string, { replace = false, sendQueued = false }: Options) => {
        const { rows } = await actions.importData(actions.readConfig({}), {
          file,
          replace,
          sendQueued,
          onProgress: (line) => printError(`  ${line}`),
        });
        printError(`Imported ${sum(rows)} rows. Waiting mail goes out when CourierX is started.`);
      }),
    );
}
