import type { NewEmail, ReservedEmails } from './accept-emails.ts';
import type { LoadedEmail } from './load-emails.ts';

/**
 * Gives mail to the worker of the same process as it is stored: it is sent without being claimed and
 * read. A process that dies leaves such mail to its lease, as claimed mail.
 */
export type HandOver = {
  /** Keeps room for what the worker can take of these; null where that is nothing. */
  reserve(emails: readonly NewEmail[]): Reservation | null;
};

/** Room that is kept, under a lease. To be ended with `take`, whatever becomes of the emails. */
export type Reservation = ReservedEmails & {
  /** Sends those that were stored under the lease; the room of the others is free again. */
  take(emails: readonly LoadedEmail[]): Promise<void>;
};
