import type { Email, ListEmailsQuery } from '@courierx/contract';
import { sql } from 'kysely';
import { firstIdAt, isId } from '../../lib/ids.ts';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { readTime } from '../read-time.ts';
import { invalid } from '../service-error.ts';
import { selectEmailRows, selectEmails } from './rows.ts';
import { toWire } from './to-wire.ts';

/** How far an id's time, a server's, may be from `created_at`, which is the database's. */
const SKEW_MS = 3_600_000;

type Range = { readonly from: Date | null; readonly to: Date | null };

/** Newest first. With `cursor` nothing is counted and the page costs the same at any depth. */
export async function listEmails(
  deps: ServiceDeps,
  principal: Principal,
  query: ListEmailsQuery,
): Promise<Page<Email>> {
  requirePermission(principal, 'read');
  const range = readRange(query);
  const { page = 1, per_page: perPage = 25, cursor } = query;
  const { kysely } = deps.database;
  let rows = filter(selectEmailRows(kysely, principal.accountId), query, range)
    .orderBy('emails.id', 'desc')
    .limit(perPage + 1);
  rows =
    cursor === undefined ? rows.offset((page - 1) * perPage) : rows.where('emails.id', '<', cursor);
  const [found, total] = await Promise.all([
    rows.execute(),
    cursor === undefined ? count(deps, principal, { query, range }) : null,
  ]);
  const items = found.slice(0, perPage);
  const nextCursor = found.length > perPage ? (items.at(-1)?.id ?? null) : null;
  return { items: items.map(toWire), total, page, perPage, nextCursor };
}

async function count(
  deps: ServiceDeps,
  principal: Principal,
  { query, range }: { query: ListEmailsQuery; range: Range },
): Promise<number> {
  const base = countable(deps, principal.accountId, query);
  const row = await filter(base, query, range)
    .select(sql<string>`count(*)`.as('total'))
    .executeTakeFirstOrThrow();
  return Number(row.total);
}

/** The least that must be read: of millions of rows one index, not two tables. */
function countable({ database }: ServiceDeps, accountId: string, query: ListEmailsQuery): Emails {
  const { kysely } = database;
  const { status, page: _page, per_page: _perPage, ...others } = query;
  if (status === undefined) {
    return kysely.selectFrom('emails').where('emails.accountId', '=', accountId);
  }
  if (Object.keys(others).length > 0) return selectEmails(kysely, accountId);
  return kysely.selectFrom('emailStates').where('emailStates.accountId', '=', accountId);
}

type Emails = ReturnType<typeof selectEmails>;

/**
 * Both callers select from the same tables; only the columns differ. Ids begin with the time they
 * were made, so a range of time is a range of ids, roughly: it finds the rows, `created_at` decides.
 */
function filter<Query>(base: Query, query: ListEmailsQuery, range: Range): Query {
  let emails = base as Emails;
  const { from, to } = range;
  if (from) {
    const firstId = firstIdAt(new Date(from.getTime() - SKEW_MS));
    emails = emails.where('emails.id', '>=', firstId).where('emails.createdAt', '>=', from);
  }
  if (to) {
    const endId = firstIdAt(new Date(to.getTime() + SKEW_MS));
    emails = emails.where('emails.id', '<', endId).where('emails.createdAt', '<', to);
  }
  if (query.status !== undefined) emails = emails.where('emailStates.status', '=', query.status);
  if (query.tag !== undefined) {
    emails = emails.where(sql<boolean>`${query.tag} = any(${sql.ref('emails.tags')})`);
  }
  if (query.recipient !== undefined) {
    const part = `%${query.recipient.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    emails = emails.where('emails.recipientSearch', 'like', part);
  }
  const { provider, provider_connection_id: connectionId } = query;
  if (provider !== undefined || connectionId !== undefined) {
    emails = emails.where((where) => {
      let attempts = where
        .selectFrom('attempts')
        .select(sql`1`.as('one'))
        .whereRef('attempts.accountId', '=', 'emails.accountId')
        .whereRef('attempts.emailId', '=', 'emails.id');
      if (provider !== undefined) attempts = attempts.where('attempts.provider', '=', provider);
      if (connectionId !== undefined) {
        attempts = attempts.where('attempts.connectionId', '=', connectionId);
      }
      return where.exists(attempts);
    });
  }
  return emails as Query;
}

function readRange(query: ListEmailsQuery): Range {
  const faults: string[] = [];
  const from = readTime(query.from, { field: 'from', endOfDay: false, faults });
  const to = readTime(query.to, { field: 'to', endOfDay: true, faults });
  if (query.cursor !== undefined && !isId(query.cursor)) {
    faults.push('cursor is not one of ours; take it from the Link header');
  }
  if (query.provider_connection_id !== undefined && !isId(query.provider_connection_id)) {
    faults.push('provider_connection_id must be the id of a connection');
  }
  if (from && to && from >= to) faults.push('from must be before to');
  if (faults.length > 0) throw invalid(faults);
  return { from, to };
}
