import type { ApiKey } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { ApiKeysTable } from '../../db/types.ts';

export const API_KEY_COLUMNS = [
  'id',
  'name',
  'prefix',
  'mode',
  'role',
  'domain',
  'lastUsedAt',
  'expiresAt',
  'revokedAt',
  'createdAt',
] as const;

type Row = Pick<Selectable<ApiKeysTable>, (typeof API_KEY_COLUMNS)[number]>;

export function toWire(row: Row, now: Date): ApiKey {
  const { id, name, prefix, mode, role, domain } = row;
  const isExpired = row.expiresAt !== null && row.expiresAt <= now;
  return {
    ...{ id, name, prefix, mode, role, domain },
    status: row.revokedAt ? 'revoked' : isExpired ? 'expired' : 'active',
    last_used_at: row.lastUsedAt?.toISOString() ?? null,
    expires_at: row.expiresAt?.toISOString() ?? null,
    revoked_at: row.revokedAt?.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}
