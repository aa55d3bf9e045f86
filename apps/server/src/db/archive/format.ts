/**
 * An archive is a gzipped tar: `manifest.json`, then each table's rows in parts of whole lines as
 * PostgreSQL's COPY writes them (`emails/000001.copy`), then `end.json`, without which it is cut off.
 */
export const FORMAT = 1;
export const MANIFEST = 'manifest.json';
export const END = 'end.json';

export type Manifest = {
  readonly format: number;
  /** Tells one archive from another, for an import that goes on. */
  readonly id: string;
  readonly created_at: string;
  /** In order; the schema's version is the last one's. */
  readonly migrations: readonly string[];
  /** Names (not values) of the master keys that the secrets in it are wrapped with. */
  readonly key_names: readonly string[];
  /** CourierX processes were connected, so mail may have been sent or accepted since. */
  readonly was_in_use: boolean;
  /** Mails that waited to be sent. */
  readonly queued: number;
  /** The first days of the months that mail is kept of. */
  readonly months: readonly string[];
  readonly tables: readonly TableShape[];
};

export type TableShape = { readonly name: string; readonly columns: readonly string[] };

export type End = {
  readonly rows: Readonly<Record<string, number>>;
  readonly sequences: Readonly<Record<string, string>>;
};

/** What stands in a part's tar header. */
export const ROWS = 'COURIERX.rows';
export const SHA256 = 'COURIERX.sha256';

export type Progress = (line: string) => void;

/** The archive can't be used, or not here; the message says what to do. */
export class ArchiveError extends Error {}
