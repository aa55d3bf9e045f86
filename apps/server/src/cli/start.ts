import { Option, type Command } from 'commander';
import { print, runCommand } from './output.ts';
import type { CliActions, CliConfig, Started } from './types.ts';

export function addStartCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('start')
    .description('Start the service; with no DATABASE_URL it brings its own PostgreSQL.')
    .addOption(
      new Option('--role <role>', 'what this process does').choices(['all', 'api', 'worker']),
    )
    .option('--port <port>', 'the port to listen on (PORT, 4000)')
    .action(
      runCommand(async (options: { role?: string; port?: string }) => {
        const overrides = {
          ...(options.role !== undefined && { COURIERX_ROLE: options.role }),
          ...(options.port !== undefined && { PORT: options.port }),
        };
        const config = actions.readConfig(overrides);
        const starting = actions.startServer(config);
        // From now on: a signal during the start stops what has been started.
        const stopping = stopOnSignals(starting);
        greet(await starting, config);
        // Last: mail flows by now, and never waits for it.
        const onProgress = (line: string) => {
          print(`  ${line}`);
        };
        await actions.buildDashboard(config, { onProgress, signal: stopping });
      }),
    );
}

function greet({ url }: Started, config: CliConfig): void {
  const data =
    config.databaseUrl === null
      ? `${config.dataDir} (embedded PostgreSQL)`
      : 'the database of DATABASE_URL';
  print('');
  if (url !== null) print(`  CourierX is listening on ${url}`);
  else print('  CourierX worker is running');
  print(`  Data:  ${data}`);
  if (url !== null) {
    print(`  Next:  open ${url} in a browser and sign up; the guides are at ${url}/docs`);
    print('');
    print('  Or make an account from a terminal:');
    print('');
    print(`    curl -X POST ${url}/api/v1/auth/register \\`);
    print('      -H "Content-Type: application/json" \\');
    print(
      `      -d '{"name": "My App", "email": "you@example.com", "password": "your-password", "password_confirmation": "your-password"}'`,
    );
  }
  print('');
  print('  Ctrl-C stops it; mail that is waiting goes out at the next start.');
  print('');
}

/** A second signal this long after the first one is a person who means it. */
const IMPATIENT_MS = 2_000;

/**
 * The first signal, which the answer tells of, stops it cleanly, a later one at once. Under `npm start` one Ctrl-C comes twice:
 * from the terminal, and passed on by npm.
 */
function stopOnSignals(starting: Promise<Started>): AbortSignal {
  const stopping = new AbortController();
  let stoppingSince: number | null = null;
  const stop = () => {
    if (stoppingSince !== null) {
      if (performance.now() - stoppingSince > IMPATIENT_MS) process.exit(1);
      return;
    }
    stoppingSince = performance.now();
    stopping.abort();
    starting
      .then((server) => server.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`courierx: ${String(error)}\n`);
          process.exit(1);
        },
      );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}
