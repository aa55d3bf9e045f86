import type { WebhookEndpoint } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { findEndpoint } from './rows.ts';
import { toWire } from './to-wire.ts';

export async function getWebhookEndpoint(
  deps: ServiceDeps,
  principal: Principal,
  id: string,
): Promise<WebhookEndpoint> {
  requirePermission(principal, 'read');
  return toWire(await findEndpoint(deps.database.kysely, principal.accountId, id), deps.now());
}
