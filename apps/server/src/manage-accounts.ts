import type { Logger } from 'pino';
import type { AccountLimit } from './cli/types.ts';
import type { Config } from './config.ts';
import { openRunningDatabase } from './open-database.ts';
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
export async function changeAccountLimit(
  config: Config,
  log: Logger,
  { account, perMinute }: { account: string; perMinute: number | null },
): Promise<AccountLimit> {
  const opened = await openRunningDatabase(config, log);
  try {
    return await setAccountLimit(opened.database, account, perMinute);
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
