import type { EmailChange, SandboxMessage } from '@courierx/contract';
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ArrowLeft, Inbox } from 'lucide-react';
import { useCallback } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card, PageHeader } from '../../../components/ui/card.tsx';
import { ShowMore } from '../../../components/ui/show-more.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { cn } from '../../../lib/cn.ts';
import { useLive } from '../../../lib/live.ts';
import { inboxQuery } from '../api/sandbox.ts';
import { Message } from './message.tsx';

export function SandboxPage() {
  const list = useInfiniteQuery(inboxQuery);
  useLiveInbox();
  const search: { readonly mail?: unknown } = useSearch({ strict: false });
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const chosen = typeof search.mail === 'string' ? search.mail : null;
  // On a wide screen the newest is open already.
  const open = chosen ?? rows[0]?.id ?? null;
  return (
    <>
      <PageHeader
        title="Sandbox inbox"
        about="Mail of test keys and of sandbox connections. It was sent to nobody."
      />
      {list.isPending && <Skeleton className="h-64" />}
      {list.error !== null && rows.length === 0 && (
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      )}
      {list.isSuccess && rows.length === 0 && <NothingYet />}
      {rows.length > 0 && (
        <div className="grid items-start gap-5 lg:grid-cols-[22rem_1fr]">
          <Card className={cn('overflow-hidden', chosen !== null && 'max-lg:hidden')}>
            <ol aria-label="Caught mail" className="max-h-[75dvh] divide-y overflow-y-auto">
              {rows.map((row) => (
                <Row key={row.id} row={row} isOpen={row.id === open} />
              ))}
            </ol>
            {list.hasNextPage && (
              <div className="border-t p-3 text-center">
                <ShowMore list={list} />
              </div>
            )}
          </Card>
          <div className={cn('min-w-0', chosen === null && 'max-lg:hidden')}>
            <BackToList />
            {open !== null && <Message key={open} id={open} />}
          </div>
        </div>
      )}
    </>
  );
}

function NothingYet() {
  return (
    <Card>
      <EmptyState icon={Inbox} title="Nothing was caught">
        <p>
          Connect the sandbox and send a mail, or send with a key of mode test: it comes here as its
          receiver would see it. The local part of the address decides what becomes of it:
          bounced@example.test bounces.
        </p>
        <Button asChild>
          <Link to="/">First steps</Link>
        </Button>
      </EmptyState>
    </Card>
  );
}

function Row({ row, isOpen }: { readonly row: SandboxMessage; readonly isOpen: boolean }) {
  return (
    <li>
      <Link
        to="/sandbox"
        search={{ mail: row.id }}
        aria-current={isOpen ? 'true' : undefined}
        className="block px-4 py-3 -outline-offset-2 hover:bg-sunken lg:aria-[current]:bg-sunken"
      >
        <span className="flex justify-between gap-3">
          <span className="truncate font-medium">{row.subject}</span>
          <span className="shrink-0 text-[13px] text-muted">
            <Time value={row.created_at} />
          </span>
        </span>
        <span className="block truncate text-muted">to {row.recipients.join(', ')}</span>
      </Link>
    </li>
  );
}

function BackToList() {
  const navigate = useNavigate();
  return (
    <Button
      variant="ghost"
      className="mb-3 lg:hidden"
      onClick={() => void navigate({ to: '/sandbox' })}
    >
      <ArrowLeft aria-hidden /> All caught mail
    </Button>
  );
}

/** The stream tells of every mail; those that went out may have come here. */
function useLiveInbox(): void {
  const client = useQueryClient();
  useLive(
    'email',
    useCallback(
      ({ status }: EmailChange) => {
        if (status === 'queued') return;
        void client.invalidateQueries({ queryKey: inboxQuery.queryKey });
      },
      [client],
    ),
  );
}
