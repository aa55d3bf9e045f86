import type { Domain } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Globe } from 'lucide-react';
import { Adder } from '../../../components/ui/adder.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { useChange } from '../../../lib/use-change.ts';
import { domainsQuery } from '../api/domains.ts';
import { DomainCard } from './domain-card.tsx';

export function DomainsPage() {
  const add = useChange<Domain>('domains', { inForm: true });
  const { data: domains, error, refetch } = useQuery(domainsQuery);
  return (
    <>
      <PageHeader
        title="Domains"
        about="What you send from: that it is yours, and that its mail is trusted."
        actions={
          <Adder
            title="Add a domain"
            action="Add"
            isPending={add.isPending}
            error={add.error}
            onSubmit={(body) => add.mutateAsync({ method: 'POST', path: '/domains', body })}
          >
            <TextField label="Domain" name="domain" hint="Such as mail.yourapp.com." required />
          </Adder>
        }
      />
      <div className="space-y-5">
        {error !== null && domains === undefined && (
          <Section>
            <ErrorState error={error} onRetry={() => void refetch()} />
          </Section>
        )}
        {error === null && domains === undefined && <Skeleton className="h-64" />}
        {domains?.length === 0 && (
          <Section>
            <EmptyState icon={Globe} title="No domain yet">
              Add the one you send from, to show that it is yours, and to see which DNS records your
              providers need.
            </EmptyState>
          </Section>
        )}
        {domains?.map((domain) => (
          <DomainCard key={domain.id} domain={domain} />
        ))}
      </div>
    </>
  );
}
