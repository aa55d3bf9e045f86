import type { CommanderError } from 'commander';
import { Command } from 'commander';
import { addAccountsCommand } from './accounts.ts';
import { addChaosCommand } from './chaos.ts';
import { addDoctorCommand } from './doctor.ts';
import { addExportCommand } from './export.ts';
import { addImportCommand } from './import.ts';
import { addMigrateCommand } from './migrate.ts';
import { addSendCommand } from './send.ts';
import { addStartCommand } from './start.ts';
import type { CliActions, CliConfig } from './types.ts';

/** The command line. A failed command says why on stderr and exits with 1, a wrong one with 2. */
export function buildProgram<C extends CliConfig>(actions: CliActions<C>): Command {
  const program = new Command('courierx')
    .description('Ship email that always delivers: one API, every provider, automatic failover.')
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride((error: CommanderError) => process.exit(error.exitCode === 0 ? 0 : 2));
  addStartCommand(program, actions);
  addMigrateCommand(program, actions);
  addDoctorCommand(program, actions);
  addSendCommand(program, actions);
  addAccountsCommand(program, actions);
  addExportCommand(program, actions);
  addImportCommand(program, actions);
  addChaosCommand(program, actions);
  return program;
}
