import type { WebhookEndpoint } from '@courierx/contract';
import { Badge } from '../../../components/ui/badge.tsx';

export function EndpointState({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { enabled, disabled_reason: reason, failing_since: failingSince } = endpoint;
  if (!enabled) {
    const isOwn = reason === null || reason === 'request';
    return <Badge tone={isOwn ? 'plain' : 'bad'}>{isOwn ? 'Disabled' : 'Disabled, failing'}</Badge>;
  }
  if (failingSince !== null) return <Badge tone="warn">Failing</Badge>;
  return <Badge tone="good">Enabled</Badge>;
}
