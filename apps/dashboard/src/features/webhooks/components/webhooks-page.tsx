import type { WebhookEndpoint } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Webhook } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { useNewForm } from '../../../lib/use-new-form.ts';
import { endpointsQuery, useAddEndpoint, useSwitch } from '../api/webhooks.ts';
import { EndpointForm } from './endpoint-form.tsx';
import { EndpointState } from './endpoint-state.tsx';
import { describeEvents } from './event-words.ts';
import { SecretNote } from './secret-note.tsx';

export function WebhooksPage() {
  const { data: endpoints, error, refetch } = useQuery(endpointsQuery);
  const add = useAddEndpoint();
  const [isAdding, setAdding] = useNewForm();
  const adder = (
    <Button variant="primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden /> Add an endpoint
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Webhooks"
        about="Your programs are told what becomes of your mail."
        actions={adder}
      />
      <div className="space-y-5">
        {add.data && <SecretNote secret={add.data.secret} isRotated={false} />}
        <Section>
          {error !== null && endpoints === undefined && (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )}
          {error === null && endpoints === undefined && <Skeleton className="m-5 h-32" />}
          {endpoints?.length === 0 && (
            <EmptyState icon={Webhook} title="No endpoint yet">
              Add one to be told when mail is delivered, bounces or is opened.
            </EmptyState>
          )}
          {endpoints !== undefined && endpoints.length > 0 && <Endpoints rows={endpoints} />}
        </Section>
      </div>
      <Dialog
        title="Add an endpoint"
        about="A URL of yours that takes POST requests. Each is signed."
        isOpen={isAdding}
        onOpenChange={setAdding}
      >
        <EndpointForm
          action="Add"
          isPending={add.isPending}
          error={add.error}
          onSubmit={(fields) => add.mutate(fields, { onSuccess: () => setAdding(false) })}
        />
      </Dialog>
    </>
  );
}

const COLUMNS: readonly Column<WebhookEndpoint>[] = [
  {
    label: 'Endpoint',
    render: ({ id, url, description }) => (
      <span className="block min-w-0 max-sm:text-right sm:min-w-56">
        <Link
          to="/webhooks/$endpointId"
          params={{ endpointId: id }}
          className="font-medium break-all hover:underline"
        >
          {url}
        </Link>
        {description !== null && <span className="block text-muted">{description}</span>}
      </span>
    ),
  },
  { label: 'State', render: (endpoint) => <EndpointState endpoint={endpoint} /> },
  {
    label: 'Events',
    render: ({ events }) => <span className="max-sm:text-right">{describeEvents(events)}</span>,
  },
  { label: 'Added', isExtra: true, render: ({ created_at: time }) => <Time value={time} /> },
  { label: 'Action', isNumber: true, render: (endpoint) => <Switch endpoint={endpoint} /> },
];

function Endpoints({ rows }: { readonly rows: readonly WebhookEndpoint[] }) {
  return <DataTable caption="Endpoints" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />;
}

function Switch({ endpoint: { id, url, enabled } }: { readonly endpoint: WebhookEndpoint }) {
  const change = useSwitch(id);
  return (
    <Button
      size="small"
      aria-label={`${enabled ? 'Disable' : 'Enable'} ${url}`}
      onClick={() => change(!enabled)}
    >
      {enabled ? 'Disable' : 'Enable'}
    </Button>
  );
}
