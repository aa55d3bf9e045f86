import type { Logger } from 'pino';
import type { AccountLimit, NewPassword } from './cli/types.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { openRunningDatabase } from './open-database.ts';
import { resetPassword } from './services/accounts/reset-password.ts';
import { listAccounts, setAccountLimit } from './services/accounts/set-limit.ts';
import { ServiceError } from './services/service-error.ts';

export async function listAllAccounts(config: Config, log: Logger): Promise<AccountLimit[]> {
  const opened = await openRunningDatabase(config, log);
  try {
    return await listAccounts(opened.database);
  } finally {
    await opened.close();
  }
}

/** Counts on every node within a second or so. */
export function changeAccountLimit(
  config: Config,
  log: Logger,
  { account, perMinute }: { account: string; perMinute: number | null },
): Promise<AccountLimit> {
  return changeAccount(config, log, {
    account,
    change: (database) => setAccountLimit(database, account, perMinute),
  });
}

export function resetAccountPassword(
  config: Config,
  log: Logger,
  account: string,
): Promise<NewPassword> {
  return changeAccount(config, log, {
    account,
    change: (database) => resetPassword(database, account),
  });
}

type Changing<T> = {
  readonly account: string;
  readonly change: (database: Database) => Promise<T>;
};

async function changeAccount<T>(
  config: Config,
  log: Logger,
  { account, change }: Changing<T>,
): Promise<T> {
  const opened = await openRunningDatabase(config, log);
  try {
    return await change(opened.database);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not_found') {
      throw new Error(`There is no account ${account}; "courierx accounts list" shows them`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    await opened.close();
  }
}
