import type { List } from '../internal/list.ts';
import { readLines } from '../internal/read-lines.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { PageInput } from './page-input.ts';

export type SuppressionReason = 'bounce' | 'complaint' | 'unsubscribe' | 'manual';

export type Suppression = {
  id: string;
  /** An address, or `*@example.com` for all of that domain. */
  email: string;
  reason: SuppressionReason;
  note: string | null;
  /** The event that put it here, where one did. */
  evidence: Record<string, unknown> | null;
  expiresAt: string | null;
  createdAt: string;
};

export type AddSuppressionInput = {
  /** An address, or `*@example.com` for all of that domain. */
  email: string;
  /** Default `manual`. */
  reason?: SuppressionReason | undefined;
  note?: string | null | undefined;
  /** Default: it stands until it is removed. */
  expiresAt?: string | Date | null | undefined;
};

export type SuppressionFilter = {
  reason?: SuppressionReason | undefined;
  /** A part of the address. */
  email?: string | undefined;
  /** Addresses at this domain. */
  domain?: string | undefined;
};

export type ListSuppressionsInput = PageInput & SuppressionFilter;

/** An address counts once for each of its reasons. */
export type SuppressionCounts = { total: number; byReason: Record<SuppressionReason, number> };

/** What came of an import. Lines count from 1. */
export type SuppressionImport = {
  done: boolean;
  lines: number;
  /** New entries. */
  imported: number;
  /** Entries that were there and got a new note or expiry. */
  updated: number;
  /** Entries that were there already, as they are. */
  skipped: number;
  /** Lines that were left out. */
  failed: number;
  /** Why lines were left out; the first 1,000. */
  errors: { line: number; message: string }[];
};

/** A CSV file, or a list of addresses and entries. */
export type SuppressionList =
  string | Uint8Array<ArrayBuffer> | readonly (string | AddSuppressionInput)[];

const PATH = '/suppressions';
/** A list of a million takes its time. */
const IMPORT_MS = 600_000;

export class Suppressions extends Resource {
  add(input: AddSuppressionInput, options?: CallOptions): Promise<Suppression> {
    return this.request({ method: 'POST', path: PATH, body: input }, options);
  }

  list(input: ListSuppressionsInput = {}, options?: CallOptions): List<Suppression> {
    return this.pages(PATH, input, options);
  }

  counts(options?: CallOptions): Promise<SuppressionCounts> {
    return this.request({ method: 'GET', path: `${PATH}/counts` }, options);
  }

  /**
   * Puts a list of any length on yours. Lines that are no entry are told of in `errors`, the rest
   * goes in. Done twice it is as done once. `timeoutMs` is ten minutes by default.
   */
  import(
    list: SuppressionList,
    input: {
      /** For lines that give none; default `manual`. */
      reason?: SuppressionReason | undefined;
    } = {},
    options: CallOptions = {},
  ): Promise<SuppressionImport> {
    const isFile = typeof list === 'string' || list instanceof Uint8Array;
    const content = isFile ? { raw: { type: 'text/csv', content: list } } : { body: list };
    return this.request(
      { method: 'POST', path: `${PATH}/import`, query: input, isRepeatable: true, ...content },
      { timeoutMs: IMPORT_MS, ...options },
    );
  }

  /** Every entry, as they come: none of the list is held but what is just read. */
  async *export(
    input: SuppressionFilter = {},
    options?: CallOptions,
  ): AsyncGenerator<Suppression, void> {
    yield* readLines<Suppression>(await this.exportFile({ ...input, format: 'ndjson' }, options));
  }

  /** The list as a file: CSV, as `import` takes it, unless another format is asked for. */
  async exportFile(
    input: SuppressionFilter & { format?: 'csv' | 'json' | 'ndjson' | undefined } = {},
    options?: CallOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.transport.call(
      { method: 'GET', path: `${PATH}/export`, query: input, streams: true },
      options,
    );
    return (body ?? new Response('').body) as ReadableStream<Uint8Array>;
  }

  /** Removes one reason; the address gets mail again, unless another stands. */
  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `${PATH}/${segment(id)}` }, options);
  }

  /** Removes an address with all its reasons, or the one that is named. */
  deleteAddress(
    input: { email: string; reason?: SuppressionReason | undefined },
    options?: CallOptions,
  ): Promise<void> {
    return this.perform({ method: 'DELETE', path: PATH, query: input }, options);
  }
}
