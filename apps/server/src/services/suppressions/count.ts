import { SUPPRESSION_REASONS, type SuppressionCounts } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { selectSuppressions } from './rows.ts';

export async function countSuppressions(
  deps: ServiceDeps,
  principal: Principal,
): Promise<SuppressionCounts> {
  requirePermission(principal, 'read');
  const { accountId } = principal;
  const rows = await selectSuppressions(deps.database.kysely, accountId, {
    filter: {},
    now: deps.now(),
  })
    .select((eb) => ['reason', eb.fn.countAll<string>().as('count')])
    .groupBy('reason')
    .execute();
  const counts = SUPPRESSION_REASONS.map((reason) => {
    const row = rows.find((counted) => counted.reason === reason);
    return [reason, Number(row?.count ?? 0)] as const;
  });
  return {
    total: counts.reduce((sum, [, count]) => sum + count, 0),
    by_reason: Object.fromEntries(counts) as SuppressionCounts['by_reason'],
  };
}
