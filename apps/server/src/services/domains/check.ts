import type { DnsRecord } from '@courierx/contract';
import type { Kysely } from 'kysely';
import { clientOf } from '../../db/database.ts';
import type { Tables } from '../../db/types.ts';
import { insertAccountEvents } from '../../queue/insert-account-events.ts';
import { recordChange, type Author } from '../audit/record.ts';
import type { ServiceDeps } from '../context.ts';
import { adviseRecords } from './advise.ts';
import { lookUpAdvice } from './look-up-advice.ts';
import { tokenNameOf } from './name.ts';
import { nextStatus, type NextDomainState } from './next-status.ts';
import { readOwnership, type OwnershipCheck } from './ownership.ts';
import { findProviders, type DomainRow } from './rows.ts';

type Check = {
  readonly at: Date;
  readonly ownership: OwnershipCheck;
  readonly advice: DnsRecord[];
};

/** Looks for a domain's token and its advised records, and keeps what was found. */
export async function checkDomain(deps: ServiceDeps, row: DomainRow, by: Author): Promise<void> {
  const check = await look(deps, row);
  await deps.database.kysely.transaction().execute(async (transaction) => {
    const current = await transaction
      .selectFrom('domains')
      .selectAll()
      .where('accountId', '=', row.accountId)
      .where('id', '=', row.id)
      .forUpdate()
      .executeTakeFirst();
    // Deleted meanwhile; or looked at since, and that look says more.
    if (!current || (current.checkedAt !== null && current.checkedAt > check.at)) return;
    const next = nextStatus(current, check.ownership.status, check.at);
    await keep(transaction, current, { check, next });
    if (next.status !== current.status) await tell(transaction, { row: current, check, next, by });
  });
}

async function look(deps: ServiceDeps, row: DomainRow): Promise<Check> {
  const at = deps.now();
  const name = tokenNameOf(row.domain);
  const providers = await findProviders(deps.database.kysely, row.accountId);
  const [lookup, advice] = await Promise.all([
    deps.dns.lookUpTxt(name),
    lookUpAdvice(deps.dns, row.domain, adviseRecords(row.domain, providers)),
  ]);
  return { at, advice, ownership: readOwnership(name, row.verificationToken, lookup) };
}

async function keep(
  transaction: Kysely<Tables>,
  row: DomainRow,
  { check: { at, ownership, advice }, next }: { check: Check; next: NextDomainState },
): Promise<void> {
  const seen: DnsRecord = {
    purpose: 'ownership',
    providers: [],
    type: 'TXT',
    name: tokenNameOf(row.domain),
    value: null,
    status: 'unknown',
    found: [...ownership.records],
    message: '',
  };
  await transaction
    .updateTable('domains')
    .set({
      ...next,
      checkStatus: ownership.status,
      checkMessage: ownership.message,
      checkedAt: at,
      advice: JSON.stringify([seen, ...advice]),
    })
    .where('accountId', '=', row.accountId)
    .where('id', '=', row.id)
    .execute();
}

type Turn = { row: DomainRow; check: Check; next: NextDomainState; by: Author };

async function tell(transaction: Kysely<Tables>, { row, check, next, by }: Turn): Promise<void> {
  const { accountId, id, domain } = row;
  const reason = check.ownership.message;
  const isLost = next.status === 'pending';
  await recordChange(transaction, isLost ? { accountId, actor: 'system' } : by, {
    action: isLost ? 'domain.unverified' : 'domain.verified',
    subjectId: id,
    detail: { domain, ...(isLost && { reason }) },
  });
  if (!isLost) return;
  await insertAccountEvents(clientOf(transaction), [
    { accountId, type: 'domain.unverified', data: { domain_id: id, domain, reason } },
  ]);
}
