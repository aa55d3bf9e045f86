import { Webhook } from 'lucide-react';
import { EmptyState } from '../../../components/ui/states.tsx';
import type {
  WebhookDelivery,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Adder } from '../../../components/ui/adder.tsx';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { DataTable } from '../../../components/ui/data-table.tsx';
import { MaybeTime } from '../../../components/ui/time.tsx';
import { callApi } from '../../../lib/api-client.ts';
import { useChange } from '../../../lib/use-change.ts';

export function WebhooksPage() {
  const add = useChange<WebhookEndpointWithSecret>('webhooks', { inForm: true });
  const { data: endpoints, error } = useQuery({
    queryKey: ['webhooks'],
    queryFn: () => callApi<WebhookEndpoint[]>('GET', '/webhook_endpoints?per_page=100'),
  });
  return (
    <>
      <PageHeader title="Webhooks" />
      <div className="space-y-5">
        <Adder
          title="Add an endpoint"
          action="Add"
          isPending={add.isPending}
          error={add.error}
          onSubmit={(body) => add.mutateAsync({ method: 'POST', path: '/webhook_endpoints', body })}
        >
          <TextField
            label="URL"
            name="url"
            type="url"
            hint="Is told of every event of your mail."
            required
          />
          <TextField label="Description" name="description" />
        </Adder>
        {add.data && (
          <Section title="The secret it verifies with">
            <p className="mb-2 text-sm">It is shown this once.</p>
            <CopyValue label="Copy" value={add.data.secret} />
          </Section>
        )}
        <FormErrors error={error} fields={[]} />
        {endpoints?.length === 0 && (
          <Section>
            <EmptyState icon={Webhook} title="No endpoint yet">
              Add one to be told when mail is delivered, bounces or is opened.
            </EmptyState>
          </Section>
        )}
        {endpoints?.map((endpoint) => (
          <EndpointCard key={endpoint.id} endpoint={endpoint} />
        ))}
      </div>
    </>
  );
}

function EndpointCard({ endpoint }: { endpoint: WebhookEndpoint }) {
  const { id, url, enabled } = endpoint;
  const path = `/webhook_endpoints/${id}`;
  const change = useChange<unknown>('webhooks');
  const { data: deliveries } = useQuery({
    queryKey: ['webhooks', id, 'deliveries'],
    queryFn: () => callApi<WebhookDelivery[]>('GET', `${path}/deliveries?per_page=10`),
    refetchInterval: 5_000,
  });
  return (
    <Section title={url} aside={<StatusBadge status={enabled ? 'enabled' : 'disabled'} />}>
      <div className="mb-4 flex flex-wrap gap-2">
        <Button onClick={() => change.mutate({ method: 'POST', path: `${path}/test`, body: {} })}>
          Send a test
        </Button>
        <Button
          onClick={() => change.mutate({ method: 'PATCH', path, body: { enabled: !enabled } })}
        >
          {enabled ? 'Pause' : 'Use again'}
        </Button>
        <Confirm
          title={`Remove ${url}?`}
          about="Its log goes with it."
          action="Remove"
          isDangerous
          onConfirm={() => change.mutate({ method: 'DELETE', path })}
        >
          <Button variant="danger">Remove</Button>
        </Confirm>
      </div>
      {deliveries?.length === 0 ? (
        <EmptyState icon={Webhook} title="Nothing has been told yet">
          Send a test, or a mail.
        </EmptyState>
      ) : (
        <DataTable
          keyOf={({ id }) => id}
          caption={`Deliveries to ${url}`}
          rows={deliveries ?? []}
          columns={[
            { label: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
            { label: 'Event', render: ({ event }) => event },
            { label: 'Recipient', render: ({ recipient }) => recipient ?? '' },
            { label: 'When', render: ({ created_at: time }) => <MaybeTime value={time} /> },
            {
              label: 'Change',
              render: ({ id: delivery, event }) => (
                <Button
                  aria-label={`Send again: ${event}`}
                  onClick={() =>
                    change.mutate({ method: 'POST', path: `${path}/deliveries/${delivery}/replay` })
                  }
                >
                  Send again
                </Button>
              ),
            },
          ]}
        />
      )}
    </Section>
  );
}
