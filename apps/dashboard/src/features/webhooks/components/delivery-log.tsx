import type { WebhookDelivery, WebhookEndpoint } from '@courierx/contract';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { Webhook } from 'lucide-react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { FilterSelect } from '../../../components/ui/filter-select.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { ListBody } from '../../../components/ui/list-body.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { EmptyState } from '../../../components/ui/states.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { usePages } from '../../../lib/use-pages.ts';
import { pathOf, useReplayOne } from '../api/webhooks.ts';
import { DeliveryDialog } from './delivery-dialog.tsx';
import { ACCOUNT_EVENTS, EMAIL_EVENTS } from './event-words.ts';
import { ReplayDialog } from './replay-dialog.tsx';

const STATUSES = ['pending', 'succeeded', 'failed'];
const NAMES = ['status', 'event', 'delivery'] as const;
type Search = Readonly<Partial<Record<(typeof NAMES)[number], string>>>;

export function DeliveryLog({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const [search, setSearch] = useLogSearch(endpoint.id);
  const { status, event, delivery } = search;
  const { rows, total, list } = usePages<WebhookDelivery>({
    key: ['webhooks', 'log', endpoint.id],
    path: `${pathOf(endpoint.id)}/deliveries`,
    query: { status, event },
    refetchMs: 5_000,
  });
  const isFiltered = status !== undefined || event !== undefined;
  return (
    <Section title="Deliveries" aside={<ReplayDialog endpoint={endpoint} />}>
      <search className="flex flex-wrap gap-2">
        <FilterSelect
          label="Status"
          any="Any status"
          value={status}
          options={STATUSES.map((name) => [name, name])}
          onChange={(value) => setSearch({ ...search, status: value || undefined })}
        />
        <FilterSelect
          label="Event"
          any="Any event"
          value={event}
          options={[...EMAIL_EVENTS, ...ACCOUNT_EVENTS].map(([name]) => [name, name])}
          onChange={(value) => setSearch({ ...search, event: value || undefined })}
        />
      </search>
      <div className="-mx-5 -mb-5 border-t">
        <ListBody
          list={list}
          shown={rows.length}
          total={total}
          empty={
            <EmptyState
              icon={Webhook}
              title={isFiltered ? 'None is like that' : 'Nothing has been told yet'}
            >
              {isFiltered ? 'Choose another status or event.' : 'Send a test, or a mail.'}
            </EmptyState>
          }
        >
          <Log
            endpoint={endpoint}
            rows={rows}
            onOpen={(id) => setSearch({ ...search, delivery: id })}
          />
        </ListBody>
      </div>
      <DeliveryDialog
        endpoint={endpoint}
        deliveryId={delivery ?? null}
        onClose={() => setSearch({ ...search, delivery: undefined })}
      />
    </Section>
  );
}

type LogProps = {
  readonly endpoint: WebhookEndpoint;
  readonly rows: readonly WebhookDelivery[];
  readonly onOpen: (id: string) => void;
};

function Log({ endpoint: { id, url, enabled }, rows, onOpen }: LogProps) {
  const replay = useReplayOne(id);
  const columns: readonly Column<WebhookDelivery>[] = [
    {
      label: 'Event',
      render: (row) => (
        <button
          type="button"
          className="font-medium hover:underline"
          onClick={() => onOpen(row.id)}
        >
          {row.event}
        </button>
      ),
    },
    { label: 'Status', render: ({ status }) => <StatusBadge status={status} /> },
    {
      label: 'Answer',
      render: ({ last_status_code: code, last_error: error }) => (
        <span className="line-clamp-1 max-w-56 break-all" title={error ?? undefined}>
          {code ?? error ?? '–'}
        </span>
      ),
    },
    { label: 'Attempts', isNumber: true, render: ({ attempt_count: count }) => count },
    {
      label: 'Recipient',
      isExtra: true,
      render: ({ recipient }) => <span className="break-all">{recipient ?? '–'}</span>,
    },
    { label: 'When', render: ({ created_at: time }) => <Time value={time} /> },
    {
      label: 'Action',
      isNumber: true,
      render: (row) => (
        <Button
          size="small"
          aria-label={`Replay: ${row.event}`}
          disabled={!enabled}
          onClick={() => replay.mutate(row.id)}
        >
          Replay
        </Button>
      ),
    },
  ];
  return (
    <DataTable
      caption={`Deliveries to ${url}`}
      columns={columns}
      rows={rows}
      keyOf={(row) => row.id}
    />
  );
}

/** What is shown is in the URL: a link to a delivery opens it. */
function useLogSearch(endpointId: string) {
  const given: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const search: Search = Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = given[name];
      return typeof value === 'string' && value !== '' ? [[name, value]] : [];
    }),
  );
  const setSearch = (next: Readonly<Record<string, string | undefined>>) =>
    void navigate({
      to: '/webhooks/$endpointId',
      params: { endpointId },
      search: next,
      resetScroll: false,
    });
  return [search, setSearch] as const;
}
