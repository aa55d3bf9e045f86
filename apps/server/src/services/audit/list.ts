import type { AuditEntry, ListAuditLogQuery } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { AuditLogTable } from '../../db/types.ts';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { readTime } from '../read-time.ts';
import { invalid } from '../service-error.ts';

/** Newest first. */
export async function listAuditLog(
  { database }: ServiceDeps,
  principal: Principal,
  query: ListAuditLogQuery,
): Promise<Page<AuditEntry>> {
  requirePermission(principal, 'read');
  const { page = 1, per_page: perPage = 25 } = query;
  const { from, to } = readRange(query);
  let entries = database.kysely.selectFrom('auditLog').where('accountId', '=', principal.accountId);
  const { action, actor, api_key_id: apiKeyId, subject_id: subjectId } = query;
  if (action !== undefined) {
    // `api_key` is all that is done to keys.
    const part = `${action.replace(/[\\%_]/g, '\\$&')}.%`;
    entries = entries.where((eb) => eb.or([eb('action', '=', action), eb('action', 'like', part)]));
  }
  if (actor !== undefined) entries = entries.where('actor', '=', actor);
  if (apiKeyId !== undefined) entries = entries.where('apiKeyId', '=', apiKeyId);
  if (subjectId !== undefined) entries = entries.where('subjectId', '=', subjectId);
  if (from) entries = entries.where('occurredAt', '>=', from);
  if (to) entries = entries.where('occurredAt', '<', to);
  const [rows, { total }] = await Promise.all([
    entries
      .selectAll()
      .orderBy('id', 'desc')
      .limit(perPage)
      .offset((page - 1) * perPage)
      .execute(),
    entries.select((eb) => eb.fn.countAll<string>().as('total')).executeTakeFirstOrThrow(),
  ]);
  return { items: rows.map(toWire), total: Number(total), page, perPage };
}

function readRange(query: ListAuditLogQuery): { from: Date | null; to: Date | null } {
  const faults: string[] = [];
  const from = readTime(query.from, { field: 'from', endOfDay: false, faults });
  const to = readTime(query.to, { field: 'to', endOfDay: true, faults });
  if (from && to && from >= to) faults.push('from must be before to');
  if (faults.length > 0) throw invalid(faults);
  return { from, to };
}

function toWire(row: Selectable<AuditLogTable>): AuditEntry {
  return {
    id: row.id,
    actor: row.actor,
    api_key_id: row.apiKeyId,
    action: row.action,
    subject_id: row.subjectId,
    detail: row.detail,
    occurred_at: row.occurredAt.toISOString(),
  };
}
