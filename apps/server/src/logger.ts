import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';

/** JSON lines on stdout; readable ones where a person watches a terminal. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  const isTerminal = process.stdout.isTTY;
  return pino({
    level: logLevel,
    serializers: { err: describeError },
    // Nothing is logged that holds these; should it ever be, it is not shown.
    redact: ['*.authorization', '*.password', '*.api_key', '*.secret', '*.token'],
    ...(isTerminal && {
      transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', singleLine: true } },
    }),
  });
}

/**
 * What an error may say in a log. Not all it carries: pg hangs the whole client on a lost
 * connection's, and the values of a row on a violated key's.
 */
export function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    stack,
    ...('code' in error && { code: error.code }),
    ...(cause !== undefined && { cause: describeError(cause) }),
    ...(error instanceof AggregateError && { errors: error.errors.map(describeError) }),
  };
}
