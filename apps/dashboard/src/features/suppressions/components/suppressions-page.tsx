import { Ban } from 'lucide-react';
import { EmptyState } from '../../../components/ui/states.tsx';
import type { Suppression } from '@courierx/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Adder } from '../../../components/ui/adder.tsx';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { DataTable } from '../../../components/ui/data-table.tsx';
import { MaybeTime } from '../../../components/ui/time.tsx';
import { getPage } from '../../../lib/api-client.ts';
import { useChange } from '../../../lib/use-change.ts';

const REASONS = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const;

export function SuppressionsPage() {
  const [email, setEmail] = useState('');
  const add = useChange<Suppression>('suppressions', { inForm: true });
  const remove = useChange<undefined>('suppressions');
  const list = useInfiniteQuery({
    queryKey: ['suppressions', email],
    initialPageParam: 1,
    queryFn: ({ pageParam: page }) =>
      getPage<Suppression>('/suppressions', { query: { per_page: 50, page, email } }),
    getNextPageParam: ({ total }, pages) =>
      total !== null && pages.length * 50 < total ? pages.length + 1 : undefined,
  });
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PageHeader
        title="Suppressions"
        about="Addresses that get no mail."
        actions={
          <Button asChild>
            <a href="/api/v1/suppressions/export">Export</a>
          </Button>
        }
      />
      <div className="space-y-5">
        <Adder
          title="Suppress an address"
          action="Suppress"
          isPending={add.isPending}
          error={add.error}
          onSubmit={(body) => add.mutateAsync({ method: 'POST', path: '/suppressions', body })}
        >
          <TextField
            label="Address"
            name="email"
            hint="Or *@example.com for a whole domain."
            required
          />
          <SelectField
            label="Reason"
            name="reason"
            defaultValue="manual"
            options={REASONS.map((name) => [name, name])}
          />
          <TextField label="Note" name="note" />
        </Adder>
        <Section>
          <div className="space-y-3 px-5 pt-4">
            <TextField
              label="Search"
              name="search"
              type="search"
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <FormErrors error={list.error} fields={[]} />
          </div>
          <div className="mt-4">
            {rows.length === 0 && !list.isPending ? (
              <EmptyState icon={Ban} title="No address is suppressed">
                Bounces of dead addresses, complaints and unsubscribes come here by themselves.
              </EmptyState>
            ) : (
              <DataTable
                keyOf={({ id }) => id}
                caption="Suppressions"
                rows={rows}
                columns={[
                  { label: 'Address', render: (row) => row.email },
                  { label: 'Reason', render: ({ reason }) => <StatusBadge status={reason} /> },
                  { label: 'Note', render: ({ note }) => note ?? '' },
                  { label: 'Since', render: ({ created_at: time }) => <MaybeTime value={time} /> },
                  {
                    label: 'Change',
                    render: ({ id, email: address }) => (
                      <Button
                        aria-label={`Remove ${address}`}
                        onClick={() =>
                          remove.mutate({ method: 'DELETE', path: `/suppressions/${id}` })
                        }
                      >
                        Remove
                      </Button>
                    ),
                  },
                ]}
              />
            )}
          </div>
          {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>Show more</Button>}
        </Section>
      </div>
    </>
  );
}
