import type { ServiceDeps } from '../context.ts';
import { deleteOldContents, deleteOldEmails } from './delete-old-emails.ts';
import { dropOldPartitions } from './drop-partitions.ts';

/** Within what pg-boss gives a task; the next run goes on from there. */
const RUN_MS = 10 * 60_000;

export type RetentionResult = {
  readonly partitions: readonly string[];
  readonly emails: number;
  readonly contents: number;
};

/** Housekeeping: lets go of mail past its account's retention, whole months first. */
export async function applyRetention({ database, now }: ServiceDeps): Promise<RetentionResult> {
  const { pool } = database;
  const endAt = performance.now() + RUN_MS;
  const partitions = await dropOldPartitions(pool, now());
  const emails = await deleteOldEmails(pool, now(), endAt);
  const contents = await deleteOldContents(pool, now(), endAt);
  return { partitions, emails, contents };
}
