import { InvalidArgumentError, type Command } from 'commander';
import { print, printJson, runCommand } from './output.ts';
import type { AccountLimit, CliActions, CliConfig } from './types.ts';

const MAX_LIMIT = 1_000_000_000;

export function addAccountsCommand<C extends CliConfig>(
  program: Command,
  actions: CliActions<C>,
): void {
  const accounts = program.command('accounts').description("Look after the server's accounts.");
  accounts
    .command('list')
    .description('Every account with its limit of requests a minute.')
    .option('--json', 'print the result as JSON')
    .action(
      runCommand(async (options: { json?: boolean }) => {
        const list = await actions.listAccounts(actions.readConfig({}));
        if (options.json) printJson(list.map(toJson));
        else if (list.length === 0) print('There are no accounts.');
        else for (const account of list) print(describe(account));
      }),
    );
  accounts
    .command('set-limit')
    .description("Set an account's own limit of requests a minute.")
    .argument('<account>', "the account's id or e-mail")
    .argument('<per-minute>', 'a number, or "default" for the limit all accounts have', readLimit)
    .option('--json', 'print the result as JSON')
    .action(
      runCommand(async (account: string, limit: Limit, options: { json?: boolean }) => {
        const config = actions.readConfig({});
        const changed = await actions.setAccountLimit(config, account, limit.perMinute);
        if (options.json) printJson(toJson(changed));
        else print(describe(changed));
      }),
    );
  accounts
    .command('reset-password')
    .description('Give an account a new password, which is printed once; ends all its sessions.')
    .argument('<account>', "the account's id or e-mail")
    .option('--json', 'print the result as JSON')
    .action(
      runCommand(async (account: string, options: { json?: boolean }) => {
        const { email, password } = await actions.resetPassword(actions.readConfig({}), account);
        if (options.json) printJson({ email, password });
        else print(`${email} logs in with the password ${password} from now on.`);
      }),
    );
}

type Limit = { readonly perMinute: number | null };

function readLimit(text: string): Limit {
  if (text === 'default') return { perMinute: null };
  const perMinute = Number(text);
  if (/^\d+$/.test(text) && perMinute >= 1 && perMinute <= MAX_LIMIT) return { perMinute };
  throw new InvalidArgumentError(`Give a whole number from 1 to ${MAX_LIMIT}, or "default".`);
}

function describe({ id, email, name, rateLimitPerMinute }: AccountLimit): string {
  const limit = rateLimitPerMinute === null ? 'default' : `${rateLimitPerMinute} a minute`;
  return `${id}  ${limit.padEnd(16)}  ${email}  ${name}`;
}

function toJson({ id, email, name, rateLimitPerMinute, createdAt }: AccountLimit) {
  return {
    ...{ id, email, name },
    rate_limit_per_minute: rateLimitPerMinute,
    created_at: createdAt.toISOString(),
  };
}
