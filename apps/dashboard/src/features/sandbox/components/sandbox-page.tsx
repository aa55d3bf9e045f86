import { Inbox } from 'lucide-react';
import { EmptyState } from '../../../components/ui/states.tsx';
import type { SandboxMessage } from '@courierx/contract';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from '../../../components/ui/button.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { DataTable } from '../../../components/ui/data-table.tsx';
import { MaybeTime } from '../../../components/ui/time.tsx';
import { getPage } from '../../../lib/api-client.ts';

export function SandboxPage() {
  const list = useInfiniteQuery({
    queryKey: ['emails', 'sandbox'],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam: cursor }) =>
      getPage<SandboxMessage>('/sandbox/messages', { query: { per_page: 50, cursor } }),
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PageHeader title="Sandbox inbox" />
      <Section>
        <FormErrors error={list.error} fields={[]} />
        {rows.length === 0 && !list.isPending ? (
          <EmptyState icon={Inbox} title="Nothing was caught">
            Mail of test keys, and mail to a sandbox connection, comes here.
          </EmptyState>
        ) : (
          <DataTable
            keyOf={({ id }) => id}
            caption="Caught mail"
            rows={rows}
            columns={[
              {
                label: 'Subject',
                render: ({ id, subject }) => (
                  <Link to="/emails/$id" params={{ id }} className="font-medium hover:underline">
                    {subject}
                  </Link>
                ),
              },
              { label: 'From', render: ({ from }) => from.email },
              { label: 'To', render: ({ to }) => to.map(({ email }) => email).join(', ') },
              { label: 'Caught', render: ({ created_at: time }) => <MaybeTime value={time} /> },
            ]}
          />
        )}
        {list.hasNextPage && <Button onClick={() => void list.fetchNextPage()}>Show more</Button>}
      </Section>
    </>
  );
}
