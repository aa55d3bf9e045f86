import type { WebhookDeliveryDetail } from '@courierx/contract';
import { toPayload, WEBHOOK_HEADERS } from '../../lib/webhook-payload.ts';
import { inOneMoment } from '../../db/in-one-moment.ts';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findDelivery, type DeliveryKey } from './rows.ts';
import { toDelivery } from './to-wire.ts';

/** With what is sent, and every attempt, oldest first. */
export async function getWebhookDelivery(
  deps: ServiceDeps,
  principal: Principal,
  key: DeliveryKey,
): Promise<WebhookDeliveryDetail> {
  requirePermission(principal, 'read');
  const { accountId } = principal;
  const { row, metadata, attempts } = await inOneMoment(deps.database.kysely, async (moment) => {
    const row = await findDelivery(moment, accountId, key);
    const email = await moment
      .selectFrom('emails')
      .select('metadata')
      .where('accountId', '=', accountId)
      .where('id', '=', row.emailId)
      .executeTakeFirst();
    const attempts = await moment
      .selectFrom('webhookDeliveryAttempts')
      .selectAll()
      .where('accountId', '=', accountId)
      .where('deliveryId', '=', key.deliveryId)
      .orderBy('number')
      .execute();
    return { row, metadata: email?.metadata ?? null, attempts };
  });
  return {
    ...toDelivery(row),
    request: {
      headers: { ...WEBHOOK_HEADERS, 'webhook-id': row.id },
      body: toPayload({ ...row, metadata }),
    },
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
