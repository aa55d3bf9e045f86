export type EmbeddedServerErrorCode =
  /** Another process of ours holds the data directory. */
  | 'already_running'
  /** The data directory was written by another major release of PostgreSQL. */
  | 'other_major'
  /** The optional package with PostgreSQL's binaries isn't installed. */
  | 'binaries_missing'
  /** The binaries are there and can't be run. */
  | 'binaries_unusable'
  /** No binaries exist for this operating system or processor. */
  | 'unsupported_platform'
  /** The user this process runs as has no entry in the system's user list, and initdb needs one. */
  | 'no_user_entry'
  /** The data directory can't be used: its owner, its content or its file system. */
  | 'data_dir_unusable'
  /** PostgreSQL was started and ended again, or never answered. */
  | 'start_failed';

/** A fault a person can act on; the message says what is wrong and what to do next. */
export class EmbeddedServerError extends Error {
  override readonly name = 'EmbeddedServerError';
  readonly code: EmbeddedServerErrorCode;

  constructor(code: EmbeddedServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The `code` of a system error, '' when there is none. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
