import type { WebhookEndpoint } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { BackLink } from '../../../components/ui/back-link.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { formatDateTime } from '../../../lib/format.ts';
import { endpointQuery, useRotateSecret } from '../api/webhooks.ts';
import { DeliveryLog } from './delivery-log.tsx';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointState } from './endpoint-state.tsx';
import { describeEvents } from './event-words.ts';
import { SecretNote } from './secret-note.tsx';
import { TestSender } from './test-sender.tsx';

export function EndpointPage() {
  const { endpointId }: { endpointId?: string } = useParams({ strict: false });
  const { data: endpoint, error, refetch } = useQuery(endpointQuery(endpointId ?? ''));
  if (error !== null && endpoint === undefined) {
    return (
      <>
        <Back />
        <PageHeader title="Webhook" />
        <ErrorState error={error} onRetry={() => void refetch()} />
      </>
    );
  }
  if (endpoint === undefined) return <Skeleton className="h-64" />;
  return <Endpoint key={endpoint.id} endpoint={endpoint} />;
}

function Back() {
  return <BackLink to="/webhooks">Webhooks</BackLink>;
}

function Endpoint({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { id, url, description, enabled } = endpoint;
  const rotate = useRotateSecret(id);
  return (
    <>
      <Back />
      <PageHeader title={new URL(url).host} about={<span className="break-all">{url}</span>} />
      <div className="space-y-5">
        {rotate.data && <SecretNote secret={rotate.data.secret} isRotated />}
        <Section title={description ?? 'Endpoint'} aside={<EndpointState endpoint={endpoint} />}>
          <p>
            <span className="text-muted">Told of: </span>
            {endpoint.events.length === 0 ? describeEvents([]) : endpoint.events.join(', ')}
          </p>
          <Trouble endpoint={endpoint} />
          <EndpointActions endpoint={endpoint} rotate={rotate} />
        </Section>
        {enabled && <TestSender id={id} />}
        <DeliveryLog endpoint={endpoint} />
      </div>
    </>
  );
}

/** Why it gets nothing, or soon will not; and which secrets sign. */
function Trouble({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const { enabled, disabled_reason: reason, failing_since: since } = endpoint;
  const { old_secret_until: until } = endpoint;
  return (
    <>
      {!enabled && (
        <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn">
          {REASONS[reason ?? ''] ?? 'You disabled it.'} What happens now is kept for 30 days: enable
          it, then send what it missed.
        </p>
      )}
      {enabled && since !== null && (
        <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn">
          Every delivery has failed since {formatDateTime(since)}. After about a day of that it is
          disabled.
        </p>
      )}
      {until !== null && (
        <p className="text-muted">Its old secret signs too, until {formatDateTime(until)}.</p>
      )}
    </>
  );
}

const REASONS: Readonly<Record<string, string>> = {
  failing: 'It was disabled, for every delivery failed for about a day.',
  gone: 'It was disabled, for it answered 410 Gone.',
};
