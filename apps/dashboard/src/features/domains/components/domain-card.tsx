import type { Domain } from '@courierx/contract';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { cn } from '../../../lib/cn.ts';
import { useRemoveDomain, useVerify } from '../api/domains.ts';
import { DnsRecords } from './dns-records.tsx';

export function DomainCard({ domain }: { readonly domain: Domain }) {
  const { id, domain: name, checked_at: checkedAt } = domain;
  const verify = useVerify(id);
  const remove = useRemoveDomain();
  const state = stateOf(domain);
  const isAllFound = domain.dns_records.every(({ status }) => status === 'found');
  return (
    <Section title={name} aside={<Badge tone={state.tone}>{state.label}</Badge>}>
      <p className={cn(state.isLosing && 'rounded-lg bg-warn-soft px-3 py-2 text-warn')}>
        {state.about}
      </p>
      <details open={!isAllFound}>
        <summary className="mb-3 cursor-pointer font-medium">DNS records</summary>
        <DnsRecords records={domain.dns_records} />
      </details>
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary" isBusy={verify.isPending} onClick={() => verify.mutate()}>
          Verify now
        </Button>
        <Confirm
          title={`Remove ${name}?`}
          about="It is no longer shown to be yours. Where only verified domains may send, its mail is refused."
          action="Remove"
          isDangerous
          onConfirm={() => remove.mutate(id)}
        >
          <Button variant="danger">Remove</Button>
        </Confirm>
        <span role="status" className="text-[13px] text-muted">
          {checkedAt === null ? (
            'Not looked at yet.'
          ) : (
            <>
              Looked at <Time value={checkedAt} />.
            </>
          )}
        </span>
      </div>
    </Section>
  );
}

type State = {
  readonly tone: Tone;
  readonly label: string;
  readonly about: string;
  readonly isLosing?: true;
};

function stateOf({ status, verification }: Domain): State {
  if (status === 'verified' && verification?.status === 'missing') {
    const about = `${verification.message}. Put it back: after six hours without it, the domain is no longer verified.`;
    return { tone: 'warn', label: 'Verified, record gone', about, isLosing: true };
  }
  if (status === 'verified') {
    return { tone: 'good', label: 'Verified', about: 'It is yours. We look again every day.' };
  }
  const about = 'Enter the records below in your DNS. We look by ourselves, often at first.';
  return { tone: 'warn', label: 'Pending', about };
}
