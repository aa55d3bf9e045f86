import pino, { type Logger } from 'pino';
import type { Config } from './config.ts';

/** JSON lines on stdout; readable ones where a person watches a terminal. */
export function createLogger({ logLevel }: Pick<Config, 'logLevel'>): Logger {
  const isTerminal = process.stdout.isTTY;
  return pino({
    level: logLevel,
    // Nothing is logged that holds these; should it ever be, it is not shown.
    redact: ['*.authorization', '*.password', '*.api_key', '*.secret', '*.token'],
    ...(isTerminal && {
      transport: { target: 'pino-pretty', options: { ignore: 'pid,hostname', singleLine: true } },
    }),
  });
}
