import { setTimeout as delay } from 'node:timers/promises';
import type { Email } from '@courierx/contract';
import type { Database } from '../../db/database.ts';
import { isBadValue, isConflict } from '../../db/errors.ts';
import type { LoadedEmail } from '../../queue/load-emails.ts';
import { startPart, type Tracer } from '../../lib/tracer.ts';
import { createBatcher, type Batcher } from '../../lib/batcher.ts';
import {
  acceptEmails,
  type AcceptedEmail,
  type NewEmail,
  type RefusedEmail,
} from '../../queue/accept-emails.ts';
import type { HandOver, Reservation } from '../../queue/hand-over.ts';
import { toLoadedEmail } from '../../queue/to-loaded-email.ts';
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
 * How sends share statements. One costs as much as ten mails: it pays to let the next ones gather while
 * one is under way.
 */
export const ACCEPT_BATCHES = { maxItems: 64, maxRunning: 3, busyGapMs: 5 };

type Stored = ReadonlyMap<string, AcceptedEmail | RefusedEmail>;

/**
 * Gathers concurrent sends into one transaction. After the commit, mail goes to the worker that
 * `handOver` leads to, where there is one and it has room; `onQueued` is called with the accounts that
 * have other mail to send.
 */
export function createAcceptor(options: {
  database: Database;
  onQueued: (accountIds: ReadonlySet<string>) => void;
  handOver?: HandOver;
  tracer?: Tracer;
}): Acceptor {
  const { database, onQueued, handOver, tracer } = options;
  return createBatcher<NewEmail, AcceptResult>({
    ...ACCEPT_BATCHES,
    isOfItem: isBadValue,
    weigh: weighEmail,
    maxWeight: MAX_BATCH_BYTES,
    run: async (batch) => {
      const startedAt = new Date();
      const asked = firstOfEachKey(batch);
      const stored = await store(database, {
        asked,
        reservation: handOver?.reserve(asked) ?? null,
      });
      traceBatch(tracer, { batch, startedAt });
      const queued = asked.filter(({ id }) => isQueued(stored.get(id)));
      if (queued.length > 0) onQueued(new Set(queued.map(({ accountId }) => accountId)));
      return answerBatch(database, { batch, asked, stored });
    },
  });
}

/** Whatever happens, the room that is kept is filled or given back. */
async function store(
  database: Database,
  { asked, reservation }: { asked: readonly NewEmail[]; reservation: Reservation | null },
): Promise<Stored> {
  const handedOver: LoadedEmail[] = [];
  try {
    const stored = await storeWithRetry(database, asked, reservation);
    for (const email of asked) {
      const accepted = stored.get(email.id);
      if (isAccepted(accepted) && accepted.isHandedOver) {
        handedOver.push(toLoadedEmail(email, accepted));
      }
    }
    return stored;
  } finally {
    await reservation?.take(handedOver);
  }
}

function isAccepted(stored: AcceptedEmail | RefusedEmail | undefined): stored is AcceptedEmail {
  return stored !== undefined && stored !== 'unverified-domain';
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

function isQueued(stored: AcceptedEmail | RefusedEmail | undefined): boolean {
  return isAccepted(stored) && stored.status === 'queued' && !stored.isHandedOver;
}

function weighEmail(email: NewEmail): number {
  const files = email.attachments.reduce((sum, { content }) => sum + content.length * 2, 0);
  return files + (email.html?.length ?? 0) + (email.text?.length ?? 0);
}

type Answered = {
  readonly batch: readonly NewEmail[];
  /** Those of it that were to be stored. */
  readonly asked: readonly NewEmail[];
  readonly stored: Stored;
};

function answerBatch(
  database: Database,
  { batch, asked, stored }: Answered,
): Promise<(AcceptResult | Error)[]> {
  return Promise.all(
    batch.map(async (email) => {
      const accepted = stored.get(email.id);
      if (isAccepted(accepted)) {
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
  const batch = [email];
  const stored = await storeWithRetry(database, batch, null);
  const [result] = await answerBatch(database, { batch, asked: batch, stored });
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
  reservation: Reservation | null,
): Promise<Stored> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await acceptEmails(database.pool, batch, reservation);
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
