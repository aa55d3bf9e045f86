import { setTimeout as delay } from 'node:timers/promises';
import type { Email } from '@courierx/contract';
import type { Database } from '../../db/database.ts';
import { isBadValue, isConflict } from '../../db/errors.ts';
import { startPart, type Tracer } from '../../lib/tracer.ts';
import { createBatcher, type Batcher } from '../../lib/batcher.ts';
import {
  acceptEmails,
  type AcceptedEmail,
  type NewEmail,
  type RefusedEmail,
} from '../../queue/accept-emails.ts';
import { invalid, unauthorized } from '../service-error.ts';
import { selectEmailRows } from './rows.ts';
import { toWire } from './to-wire.ts';

/** The answer to one send: the stored email, or the earlier one with the same key. */
export type AcceptResult = { readonly email: Email; readonly replayed: boolean };

export type Acceptor = Batcher<NewEmail, AcceptResult>;

/** Bodies of one batch together; keeps a burst of large mails from piling up in memory. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const TRIES = 5;

/**
 * Gathers concurrent sends into one transaction. `onQueued` is called after the commit with the
 * accounts that have mail to send.
 */
export function createAcceptor(options: {
  database: Database;
  onQueued: (accountIds: ReadonlySet<string>) => void;
  tracer?: Tracer;
}): Acceptor {
  const { database, onQueued, tracer } = options;
  return createBatcher<NewEmail, AcceptResult>({
    maxItems: 64,
    maxRunning: 3,
    isOfItem: isBadValue,
    weigh: weighEmail,
    maxWeight: MAX_BATCH_BYTES,
    run: async (batch) => {
      const startedAt = new Date();
      const results = await acceptBatch(database, batch);
      traceBatch(tracer, { batch, startedAt });
      const queued = batch.filter((_, index) => isQueued(results[index]));
      if (queued.length > 0) onQueued(new Set(queued.map(({ accountId }) => accountId)));
      return results;
    },
  });
}

/** One statement stores many mails; each has a span of it in its own trace. */
function traceBatch(
  tracer: Tracer | undefined,
  { batch, startedAt }: { batch: readonly NewEmail[]; startedAt: Date },
): void {
  const attributes = { 'courierx.batch_size': batch.length };
  for (const { traceparent: parent } of batch) {
    startPart(tracer, { name: 'store', kind: 'internal', parent, startedAt, attributes })?.end();
  }
}

function isQueued(result: AcceptResult | Error | undefined): boolean {
  return result !== undefined && 'email' in result && result.email.status === 'queued';
}

function weighEmail(email: NewEmail): number {
  const files = email.attachments.reduce((sum, { content }) => sum + content.length * 2, 0);
  return files + (email.html?.length ?? 0) + (email.text?.length ?? 0);
}

async function acceptBatch(
  database: Database,
  batch: readonly NewEmail[],
): Promise<(AcceptResult | Error)[]> {
  const asked = firstOfEachKey(batch);
  const stored = await storeWithRetry(database, asked);
  return Promise.all(
    batch.map(async (email) => {
      const accepted = stored.get(email.id);
      if (accepted !== undefined && accepted !== 'unverified-domain') {
        return { email: toWire(toRow(email, accepted)), replayed: false };
      }
      // An email taken before the account asked for a verified domain was taken all the same.
      const earlier = await replay(database, email);
      if (earlier) return earlier;
      if (accepted === 'unverified-domain') return unverifiedDomain(email);
      if (!asked.includes(email)) return acceptLater(database, email);
      // Neither stored nor found by its key: the account was deleted meanwhile.
      return unauthorized();
    }),
  );
}

/** For one whose key's first email of the batch was refused. */
async function acceptLater(database: Database, email: NewEmail): Promise<AcceptResult | Error> {
  const [result] = await acceptBatch(database, [email]);
  return result ?? unauthorized();
}

function unverifiedDomain({ from: { address } }: NewEmail): Error {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return invalid(
    `from_email must be at a verified domain: ${domain} is not verified for this account, which has require_verified_domain set`,
  );
}

/** The later ones of a key find the first as an earlier request's. */
function firstOfEachKey(batch: readonly NewEmail[]): NewEmail[] {
  const seen = new Set<string>();
  return batch.filter((email) => {
    if (email.idempotencyKey === null) return true;
    const key = `${email.accountId} ${email.idempotencyKey}`;
    return !seen.has(key) && seen.add(key);
  });
}

async function storeWithRetry(
  database: Database,
  batch: readonly NewEmail[],
): Promise<Map<string, AcceptedEmail | RefusedEmail>> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await acceptEmails(database.pool, batch);
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error;
      await delay(tries * 5);
    }
  }
}

function toRow(email: NewEmail, accepted: AcceptedEmail) {
  const { status, recipientStatuses, createdAt, deadline } = accepted;
  const { id, mode, recipients, subject, tags, metadata } = email;
  return {
    ...{ id, mode, recipients, subject, tags, metadata },
    ...{ status, recipientStatuses, createdAt, deadline },
    fromEmail: email.from.address,
    fromName: email.from.name,
    reason: status === 'suppressed' ? 'Every recipient is on the suppression list' : null,
    sentAt: null,
    nextAttemptAt: status === 'queued' ? createdAt : null,
  };
}

async function replay(database: Database, email: NewEmail): Promise<AcceptResult | null> {
  const { accountId, idempotencyKey } = email;
  if (idempotencyKey === null) return null;
  const row = await selectEmailRows(database.kysely, accountId)
    .innerJoin('idempotencyKeys', (join) =>
      join
        .onRef('idempotencyKeys.accountId', '=', 'emails.accountId')
        .onRef('idempotencyKeys.emailId', '=', 'emails.id'),
    )
    .where('idempotencyKeys.key', '=', idempotencyKey)
    .executeTakeFirst();
  return row ? { email: toWire(row), replayed: true } : null;
}
