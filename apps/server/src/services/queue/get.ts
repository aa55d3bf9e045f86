import { MAX_QUEUE_COUNT, type Queue } from '@courierx/contract';
import { countQueue } from '../../queue/count-queue.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';

/** How much waits to be sent, and for how long. */
export async function getQueue({ database }: ServiceDeps, principal: Principal): Promise<Queue> {
  requirePermission(principal, 'read');
  const { accountId } = principal;
  const counts = await countQueue(database.pool, { accountId, max: MAX_QUEUE_COUNT });
  return {
    queued: counts.queued,
    due: counts.due,
    in_flight: counts.inFlight,
    held: counts.held,
    oldest_due_seconds: counts.oldestDueSeconds,
  };
}
