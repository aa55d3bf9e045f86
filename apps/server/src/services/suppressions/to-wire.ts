import type { Suppression } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { SuppressionsTable } from '../../db/types.ts';

export function toWire(row: Selectable<SuppressionsTable>): Suppression {
  return {
    id: row.id,
    email: row.address,
    reason: row.reason,
    note: row.note,
    evidence: row.evidence,
    expires_at: row.expiresAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
