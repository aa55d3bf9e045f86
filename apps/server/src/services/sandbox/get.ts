import type { SandboxMessageDetail } from '@courierx/contract';
import { isId } from '../../lib/ids.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { notFound } from '../service-error.ts';
import { selectSandboxMessages } from './rows.ts';
import { toDetail } from './to-wire.ts';

/** One mail that the sandbox took, by the email's id. */
export async function getSandboxMessage(
  { database }: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<SandboxMessageDetail> {
  requirePermission(principal, 'read');
  if (!isId(id)) throw notFound();
  const row = await selectSandboxMessages(database.kysely, principal.accountId)
    .where('emailId', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound();
  return toDetail(row);
}
