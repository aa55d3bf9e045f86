import type { ColumnType, JSONColumnType } from 'kysely';

export type Timestamp = ColumnType<Date, Date | undefined, Date>;
export type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>;
/** Read parsed; written as JSON text, since pg would turn an array into a PostgreSQL array. */
export type Json<T extends object> = JSONColumnType<T>;

export type StoredAddress = { address: string; name: string | null };
export type StoredRecipient = StoredAddress & { type: 'to' | 'cc' | 'bcc' };
export type StoredHeader = { name: string; value: string };
export type StoredSettings = Record<string, string | number>;
