import type { WebhookDeliveryDetail } from '@courierx/contract';
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
  const { kysely } = deps.database;
  const { accountId } = principal;
  const row = await findDelivery(kysely, accountId, key);
  const attempts = await kysely
    .selectFrom('webhookDeliveryAttempts')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('deliveryId', '=', row.id)
    .orderBy('number')
    .execute();
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
