import type { WebhookDeliveryDetail } from '@courierx/contract';
import { inOneMoment } from '../../db/in-one-moment.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findDelivery, type DeliveryKey } from './rows.ts';
import { toDelivery } from './to-wire.ts';

/** With every attempt, oldest first. */
export async function getWebhookDelivery(
  deps: ServiceDeps,
  principal: Principal,
  key: DeliveryKey,
): Promise<WebhookDeliveryDetail> {
  requirePermission(principal, 'read');
  const { accountId } = principal;
  const { row, attempts } = await inOneMoment(deps.database.kysely, async (moment) => ({
    row: await findDelivery(moment, accountId, key),
    attempts: await moment
      .selectFrom('webhookDeliveryAttempts')
      .selectAll()
      .where('accountId', '=', accountId)
      .where('deliveryId', '=', key.deliveryId)
      .orderBy('number')
      .execute(),
  }));
  return {
    ...toDelivery(row),
    attempts: attempts.map((attempt) => ({
      number: attempt.number,
      status_code: attempt.statusCode,
      answer: attempt.answer,
      error: attempt.error,
      latency_ms: attempt.latencyMs,
      attempted_at: attempt.attemptedAt.toISOString(),
    })),
  };
}
