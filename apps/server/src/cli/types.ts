/** What the commands need of the settings; the composition root knows the rest. */
export type CliConfig = {
  readonly databaseUrl: string | null;
  readonly dataDir: string;
  readonly role: string;
  readonly client: { readonly baseUrl: string; readonly apiKey: string | null };
};

/** A server that is up, as far as the command line cares. */
export type Started = { readonly url: string | null; stop(): Promise<void> };

/** One thing the doctor looked at. */
export type Check = {
  readonly name: string;
  readonly status: 'ok' | 'warning' | 'failed';
  /** What was found and, where it is not well, what to do. */
  readonly message: string;
};

/** An account, as the operator sees it. */
export type AccountLimit = {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  /** Null: the server's default. */
  readonly rateLimitPerMinute: number | null;
  readonly createdAt: Date;
};

export type NewPassword = { readonly email: string; readonly password: string };

/** `file` may be `-`. */
export type MoveRequest = {
  readonly file: string;
  readonly onProgress: (line: string) => void;
};
/** Rows by table. */
export type Moved = { readonly rows: Readonly<Record<string, number>> };

/** What the commands do, brought by the composition root. */
export type CliActions<C extends CliConfig = CliConfig> = {
  /** Throws an error whose message lists every wrong setting. */
  readConfig(overrides: Readonly<Record<string, string>>): C;
  startServer(config: C): Promise<Started>;
  /** Where it is missing or old; never throws. */
  buildDashboard(
    config: C,
    build: { readonly onProgress: (line: string) => void; readonly signal: AbortSignal },
  ): Promise<void>;
  migrateStore(config: C): Promise<{ readonly applied: readonly string[] }>;
  checkServer(config: C): Promise<readonly Check[]>;
  listAccounts(config: C): Promise<readonly AccountLimit[]>;
  setAccountLimit(config: C, account: string, perMinute: number | null): Promise<AccountLimit>;
  resetPassword(config: C, account: string): Promise<NewPassword>;
  exportData(config: C, request: MoveRequest): Promise<Moved>;
  importData(
    config: C,
    request: MoveRequest & { readonly replace: boolean; readonly sendQueued: boolean },
  ): Promise<Moved>;
  /** Starts a system on a database of its own and breaks it. */
  runChaos(options: {
    readonly seed: number;
    readonly kills: number;
    readonly seconds: number;
    readonly onProgress: (line: string) => void;
    readonly signal: AbortSignal;
  }): Promise<{
    readonly isHeldUp: boolean;
    readonly lines: readonly string[];
    readonly result: Readonly<Record<string, unknown>>;
  }>;
};
