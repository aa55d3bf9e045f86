import type { Account } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { AccountsTable } from '../../db/types.ts';

export type AccountRow = Pick<Selectable<AccountsTable>, (typeof ACCOUNT_COLUMNS)[number]>;

export const ACCOUNT_COLUMNS = [
  'id',
  'name',
  'email',
  'onUnknown',
  'onAuthFailure',
  'requireVerifiedDomain',
  'retentionDays',
  'contentRetentionDays',
  'createdAt',
] as const;

export function toWire(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    on_unknown: row.onUnknown,
    on_auth_failure: row.onAuthFailure,
    require_verified_domain: row.requireVerifiedDomain,
    retention_days: row.retentionDays,
    content_retention_days: row.contentRetentionDays,
    created_at: row.createdAt.toISOString(),
  };
}
