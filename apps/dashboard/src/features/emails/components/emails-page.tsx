import { useInfiniteQuery } from '@tanstack/react-query';
import { Mail } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import { Card, PageHeader } from '../../../components/ui/card.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { emailsQuery } from '../api/list-emails.ts';
import { useFreshEmails } from '../api/use-fresh-emails.ts';
import { EmailFiltersBar } from './email-filters.tsx';
import { EmailList } from './email-list.tsx';
import { useFilters } from './use-filters.ts';

export function EmailsPage() {
  const [filters, setFilters] = useFilters();
  const list = useInfiniteQuery(emailsQuery(filters));
  useFreshEmails(filters);
  const emails = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <>
      <PageHeader title="Emails" about="Newest first. The list follows what happens." />
      <EmailFiltersBar filters={filters} onChange={setFilters} />
      <Card className="overflow-hidden">
        {list.isPending && <Loading />}
        {list.isError && emails.length === 0 && (
          <ErrorState error={list.error} onRetry={() => void list.refetch()} />
        )}
        {list.isSuccess && emails.length === 0 && (
          <EmptyState
            icon={Mail}
            title={isFiltered ? 'No mail is like that' : 'No mail has been sent yet'}
          >
            {isFiltered ? (
              <Button onClick={() => setFilters({})}>Clear the filters</Button>
            ) : (
              <p>Send one with the first steps of the overview, or with a call of the API.</p>
            )}
          </EmptyState>
        )}
        {emails.length > 0 && (
          <EmailList
            emails={emails}
            hasMore={list.hasNextPage}
            onMore={() => {
              if (!list.isFetchingNextPage) void list.fetchNextPage();
            }}
          />
        )}
      </Card>
    </>
  );
}

function Loading() {
  return (
    <div className="space-y-4 p-5" aria-busy>
      {Array.from({ length: 8 }, (_, index) => (
        <Skeleton key={index} className="h-6" />
      ))}
    </div>
  );
}
