import type { ListSandboxMessagesQuery, SandboxMessage } from '@courierx/contract';
import { isId } from '../../lib/ids.ts';
import { requirePermission, type Page, type Principal, type ServiceDeps } from '../context.ts';
import { invalid } from '../service-error.ts';
import { selectSandboxMessages } from './rows.ts';
import { toWire } from './to-wire.ts';

/** Newest mail first, by cursor alone: an inbox is read from the top. */
export async function listSandboxMessages(
  { database }: ServiceDeps,
  principal: Principal,
  { per_page: perPage = 25, cursor }: ListSandboxMessagesQuery,
): Promise<Page<SandboxMessage>> {
  requirePermission(principal, 'read');
  if (cursor !== undefined && !isId(cursor)) {
    throw invalid('cursor is not one of ours; take it from the Link header');
  }
  let rows = selectSandboxMessages(database.kysely, principal.accountId).limit(perPage + 1);
  if (cursor !== undefined) rows = rows.where('emailId', '<', cursor);
  const found = await rows.execute();
  const items = found.slice(0, perPage).map(toWire);
  const nextCursor = found.length > perPage ? (items.at(-1)?.id ?? null) : null;
  return { items, total: null, page: 1, perPage, nextCursor };
}
