import { InvalidArgumentError, type Command } from 'commander';
import { print, printJson, runCommand } from './output.ts';
import type { CliActions, CliConfig } from './types.ts';

type Options = { seed?: number; kills: number; seconds: number; json?: boolean };

export function addChaosCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  program
    .command('chaos')
    .description('Break a whole system of its own while mail is sent, and count what is lost.')
    .option('--kills <n>', 'kill -9 of workers, api processes and the database', whole(1), 30)
    .option('--seconds <n>', 'how long the faults go on', whole(5), 60)
    .option('--seed <n>', 'the plan of faults to repeat', whole(0))
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nIt makes a database for the run, removes it, and touches no other.')
    .action(
      runCommand(async ({ seed, kills, seconds, json }: Options) => {
        requireNoDatabase(actions.readConfig({}));
        const chosen = seed ?? Math.floor(Math.random() * 2 ** 31);
        const say = (line: string) => {
          if (!json) print(line);
        };
        say(`chaos: seed ${chosen}, ${kills} kills in ${seconds} seconds`);
        const options = {
          seed: chosen,
          kills,
          seconds,
          onProgress: say,
          signal: untilInterrupted(),
        };
        const { isHeldUp, lines, result } = await actions.runChaos(options);
        if (json) printJson({ seed: chosen, ...result });
        for (const line of lines) say(line);
        if (!isHeldUp) throw new Error(`The promise was broken (seed ${chosen}).`);
      }),
    );
}

/** Ctrl-C: what was started and made is ended and removed before the command ends. */
function untilInterrupted(): AbortSignal {
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  return stopping.signal;
}

function requireNoDatabase({ databaseUrl }: CliConfig): void {
  if (databaseUrl === null) return;
  throw new Error(
    'DATABASE_URL is set. chaos kills the database it works on, so it only takes one it made for itself: unset DATABASE_URL for this command.',
  );
}

function whole(min: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
    throw new InvalidArgumentError(`Give a whole number, ${min} or more.`);
  };
}
