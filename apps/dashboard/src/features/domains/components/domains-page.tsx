import { Globe } from 'lucide-react';
import { EmptyState } from '../../../components/ui/states.tsx';
import type { Domain } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Adder } from '../../../components/ui/adder.tsx';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { CopyButton } from '../../../components/ui/copy-button.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { callApi } from '../../../lib/api-client.ts';
import { useChange } from '../../../lib/use-change.ts';

export function DomainsPage() {
  const add = useChange<Domain>('domains', { inForm: true });
  const { data: domains, error } = useQuery({
    queryKey: ['domains'],
    queryFn: () => callApi<Domain[]>('GET', '/domains?per_page=100'),
  });
  return (
    <>
      <PageHeader title="Domains" />
      <div className="space-y-5">
        <Adder
          title="Add a domain"
          action="Add"
          isPending={add.isPending}
          error={add.error}
          onSubmit={(body) => add.mutateAsync({ method: 'POST', path: '/domains', body })}
        >
          <TextField label="Domain" name="domain" hint="Such as mail.yourapp.com." required />
        </Adder>
        <FormErrors error={error} fields={[]} />
        {domains?.length === 0 && (
          <Section>
            <EmptyState icon={Globe} title="No domain yet">
              Add the one you send from, to show that it is yours.
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

function DomainCard({ domain }: { domain: Domain }) {
  const change = useChange<Domain | null>('domains');
  const path = `/domains/${domain.id}`;
  return (
    <Section title={domain.domain} aside={<StatusBadge status={domain.status} />}>
      <ul className="space-y-3 text-sm">
        {domain.dns_records.map((record) => (
          <li key={`${record.type} ${record.name}`} className="flex flex-wrap items-center gap-3">
            <StatusBadge status={record.status} />
            <span className="min-w-0 flex-1 font-mono text-xs break-all">
              {record.type} {record.name} {record.value}
            </span>
            {record.value !== null && <CopyButton value={record.value} label="Copy value" />}
          </li>
        ))}
      </ul>
      <div className="mt-4 flex gap-2">
        <Button onClick={() => change.mutate({ method: 'POST', path: `${path}/verify` })}>
          Look now
        </Button>
        <Confirm
          title={`Remove ${domain.domain}?`}
          about="It is no longer shown to be yours."
          action="Remove"
          isDangerous
          onConfirm={() => change.mutate({ method: 'DELETE', path })}
        >
          <Button variant="danger">Remove</Button>
        </Confirm>
      </div>
    </Section>
  );
}
