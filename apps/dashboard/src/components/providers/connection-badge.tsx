import type { ProviderConnection } from '@courierx/contract';
import { StatusBadge } from '../ui/badge.tsx';

/** How a connection is; one that was never verified is not called healthy before mail went by it. */
export function ConnectionBadge({ connection }: { readonly connection: ProviderConnection }) {
  const { enabled, health, verification, provider } = connection;
  if (!enabled) return <StatusBadge status="paused" />;
  const isUnproven =
    health.state === 'healthy' && provider !== 'sandbox' && verification.status !== 'verified';
  return <StatusBadge status={isUnproven ? 'unverified' : health.state} />;
}
