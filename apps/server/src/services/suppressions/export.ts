import type { ExportSuppressionsQuery, Suppression, SuppressionFormat } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { selectSuppressions, type SuppressionFilter } from './rows.ts';
import { toWire } from './to-wire.ts';

const STEP = 2_000;

export const CSV_COLUMNS = [
  'email',
  'reason',
  'note',
  'evidence',
  'expires_at',
  'created_at',
] as const;

/**
 * The whole list as text, piece by piece and by address: one piece is in memory at a time, and no
 * transaction is held open. An entry that comes or goes meanwhile may be in it or not.
 */
export function exportSuppressions(
  deps: ServiceDeps,
  principal: Principal,
  { format = 'csv', ...filter }: ExportSuppressionsQuery,
): AsyncGenerator<string> {
  requirePermission(principal, 'read');
  return WRITERS[format](readAll(deps, principal.accountId, filter));
}

async function* readAll(
  deps: ServiceDeps,
  accountId: string,
  filter: SuppressionFilter,
): AsyncGenerator<Suppression[]> {
  let after: { address: string; reason: string } | null = null;
  for (;;) {
    const last = after;
    let query = selectSuppressions(deps.database.kysely, accountId, { filter, now: deps.now() });
    if (last) {
      query = query.where((eb) =>
        eb(eb.refTuple('address', 'reason'), '>', eb.tuple(last.address, last.reason as never)),
      );
    }
    const rows = await query.selectAll().orderBy('address').orderBy('reason').limit(STEP).execute();
    if (rows.length > 0) yield rows.map(toWire);
    const end = rows.at(-1);
    if (!end || rows.length < STEP) return;
    after = { address: end.address, reason: end.reason };
  }
}

type Writer = (pages: AsyncIterable<Suppression[]>) => AsyncGenerator<string>;

const WRITERS: Readonly<Record<SuppressionFormat, Writer>> = {
  async *csv(pages) {
    yield `${CSV_COLUMNS.join(',')}\r\n`;
    for await (const page of pages) yield page.map((entry) => `${toCsvLine(entry)}\r\n`).join('');
  },
  async *ndjson(pages) {
    for await (const page of pages) {
      yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    }
  },
  async *json(pages) {
    let lead = '[\n';
    for await (const page of pages) {
      yield lead + page.map((entry) => JSON.stringify(entry)).join(',\n');
      lead = ',\n';
    }
    yield lead === '[\n' ? '[]\n' : '\n]\n';
  },
};

function toCsvLine(entry: Suppression): string {
  return CSV_COLUMNS.map((column) => {
    const value = entry[column];
    if (value === null) return '';
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }).join(',');
}
