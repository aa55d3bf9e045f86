/** One line on stdout. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One line on stderr, beside what is read from stdout. */
export function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** What a program reads: one JSON value on a line. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value));
}

/** Says why on stderr and ends the process with 1, once what was printed is out. */
export function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : null;
  process.stderr.write(`courierx: ${message}${cause === null ? '' : ` (${cause})`}\n`);
  process.exitCode = 1;
}

/** Runs a command's work; what it throws becomes a message and an exit code. */
export function runCommand<Args extends unknown[]>(
  work: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    try {
      await work(...args);
    } catch (error) {
      fail(error);
    }
  };
}
