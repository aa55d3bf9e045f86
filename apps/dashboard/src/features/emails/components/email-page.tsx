import type { EmailChange, EmailDetail } from '@courierx/contract';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useCallback } from 'react';
import { BackLink } from '../../../components/ui/back-link.tsx';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Card, CardHeader, PageHeader } from '../../../components/ui/card.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { useLive } from '../../../lib/live.ts';
import { emailQuery } from '../api/get-email.ts';
import { Attempts } from './attempts.tsx';
import { EmailActions } from './email-actions.tsx';
import { EmailContent } from './email-content.tsx';
import { EmailFacts } from './email-facts.tsx';
import { Timeline } from './timeline.tsx';

export function EmailPage() {
  const { emailId = '' }: { readonly emailId?: string } = useParams({ strict: false });
  const { data, error, refetch } = useQuery(emailQuery(emailId));
  useLiveEmail(emailId);
  if (data === undefined) {
    return (
      <>
        <BackLink to="/emails">Emails</BackLink>
        <PageHeader title="Email" />
        {error === null ? (
          <Skeleton className="h-96" />
        ) : (
          <Card>
            <ErrorState error={error} onRetry={() => void refetch()} />
          </Card>
        )}
      </>
    );
  }
  return (
    <>
      <BackLink to="/emails">Emails</BackLink>
      <PageHeader
        title={data.subject === '' ? '(no subject)' : data.subject}
        about={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <StatusBadge status={data.status} /> {recipientsOf(data)}{' '}
            <Time value={data.created_at} />
          </span>
        }
        actions={<EmailActions email={data} />}
      />
      <div className="space-y-5">
        {data.status_reason !== null && (
          <p role="status" className="rounded-xl bg-warn-soft px-4 py-3 text-warn">
            {data.status_reason}
          </p>
        )}
        <div className="grid gap-5 grid-cols-1 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="min-w-0 space-y-5">
            <Card>
              <CardHeader title="Timeline" />
              <Timeline email={data} />
            </Card>
            <Card>
              <CardHeader
                title="Attempts"
                about="Which connection was used or passed over, and why."
              />
              <Attempts email={data} />
            </Card>
          </div>
          <EmailFacts email={data} />
        </div>
        <EmailContent email={data} />
      </div>
    </>
  );
}

function recipientsOf({ to_email: first, recipients }: EmailDetail): string {
  const more = recipients.length - 1;
  return more > 0 ? `to ${first} and ${more} more` : `to ${first}`;
}

function useLiveEmail(emailId: string): void {
  const queryClient = useQueryClient();
  const onChange = useCallback(
    ({ id }: EmailChange) => {
      if (id !== emailId) return;
      void queryClient.invalidateQueries({ queryKey: emailQuery(emailId).queryKey });
    },
    [emailId, queryClient],
  );
  useLive('email', onChange);
}
