import type { SuppressionImport, SuppressionReason } from '@courierx/contract';
import { clientOf } from '../../db/database.ts';
import { recordChange } from '../audit/record.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { readImportLine, type ImportLine } from './import-line.ts';
import { upsertSuppressions, type NewSuppression } from './upsert-batch.ts';

const BATCH_LINES = 2_000;
const MAX_ERRORS = 1_000;

export type ImportInput = {
  readonly lines: AsyncIterable<ImportLine>;
  /** For lines that give no reason. */
  readonly reason: SuppressionReason;
};

/**
 * Puts a list of any length on the account's, batch by batch, while it is read: yields how it stands
 * after each, with that batch's errors, and at last with `done` and the first errors of all. Lines
 * that are no entry are reported, the rest goes in. What went in stays when the upload breaks off;
 * sending the whole list again does no harm.
 */
export function importSuppressions(
  deps: ServiceDeps,
  principal: Principal,
  input: ImportInput,
): AsyncGenerator<SuppressionImport> {
  requirePermission(principal, 'write');
  return run(deps, principal, input);
}

type Counts = Omit<SuppressionImport, 'done'>;

async function* run(
  deps: ServiceDeps,
  principal: Principal,
  { lines, reason }: ImportInput,
): AsyncGenerator<SuppressionImport> {
  const counts: Counts = { lines: 0, imported: 0, updated: 0, skipped: 0, failed: 0, errors: [] };
  const batch = new Map<string, NewSuppression>();
  let errors: SuppressionImport['errors'] = [];
  let isDone = false;
  try {
    for await (const line of lines) {
      counts.lines += 1;
      const entry = readLine(line, { reason, now: deps.now() });
      if ('fault' in entry) errors.push({ line: line.line, message: entry.fault });
      else put(batch, entry, counts);
      if (counts.lines % BATCH_LINES !== 0) continue;
      await store(deps, principal, { batch, counts });
      fail(counts, errors);
      yield { done: false, ...counts, errors };
      errors = [];
    }
    await store(deps, principal, { batch, counts });
    fail(counts, errors);
    // The list of the end has no room for these.
    if (counts.failed > MAX_ERRORS && errors.length > 0) yield { done: false, ...counts, errors };
    isDone = true;
  } finally {
    await recordImport(deps, principal, { counts, reason, isDone });
  }
  yield { done: true, ...counts };
}

function readLine(line: ImportLine, defaults: { reason: SuppressionReason; now: Date }) {
  return 'fault' in line ? line : readImportLine(line.fields, defaults);
}

function fail(counts: Counts, errors: SuppressionImport['errors']): void {
  counts.failed += errors.length;
  counts.errors.push(...errors.slice(0, MAX_ERRORS - counts.errors.length));
}

/** The later of two lines for the same entry is the one that counts. */
function put(batch: Map<string, NewSuppression>, entry: NewSuppression, counts: Counts): void {
  const key = `${entry.address} ${entry.reason}`;
  if (batch.has(key)) counts.skipped += 1;
  batch.set(key, entry);
}

/** Each batch is a transaction of its own, with its line in the audit log. */
async function store(
  { database }: ServiceDeps,
  principal: Principal,
  { batch, counts }: { batch: Map<string, NewSuppression>; counts: Counts },
): Promise<void> {
  if (batch.size === 0) return;
  const entries = [...batch.values()];
  const isFirst = counts.imported + counts.updated === 0;
  const { inserted, updated } = await database.kysely.transaction().execute(async (transaction) => {
    const stored = await upsertSuppressions(clientOf(transaction), principal.accountId, entries);
    if (isFirst && stored.inserted + stored.updated > 0) {
      await recordChange(transaction, principal, {
        action: 'suppression.import_started',
        subjectId: null,
      });
    }
    return stored;
  });
  counts.imported += inserted;
  counts.updated += updated;
  counts.skipped += entries.length - inserted - updated;
  batch.clear();
}

type Ended = { counts: Counts; reason: SuppressionReason; isDone: boolean };

async function recordImport(
  { database }: ServiceDeps,
  principal: Principal,
  { counts: { lines, imported, updated, skipped, failed }, reason, isDone }: Ended,
): Promise<void> {
  if (imported + updated === 0) return;
  await recordChange(database.kysely, principal, {
    action: 'suppression.imported',
    subjectId: null,
    detail: { reason, lines, imported, updated, skipped, failed, complete: isDone },
  });
}
