import type { Account } from '@courierx/contract';
import type { Selectable } from 'kysely';
import type { AccountsTable } from '../../db/types.ts';

export type AccountRow = Pick<
  Selectable<AccountsTable>,
  'id' | 'name' | 'email' | 'onUnknown' | 'onAuthFailure' | 'createdAt'
>;

export const ACCOUNT_COLUMNS = [
  'id',
  'name',
  'email',
  'onUnknown',
  'onAuthFailure',
  'createdAt',
] as const;

export function toWire(row: AccountRow): Account {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    on_unknown: row.onUnknown,
    on_auth_failure: row.onAuthFailure,
    created_at: row.createdAt.toISOString(),
  };
}
