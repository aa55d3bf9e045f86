import type { EmailDetail } from '@courierx/contract';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { CopyButton } from '../../../components/ui/copy-button.tsx';
import { formatDateTime, humanize } from '../../../lib/format.ts';

export function EmailFacts({ email }: { readonly email: EmailDetail }) {
  return (
    <Card className="min-w-0 self-start pb-4">
      <CardHeader title="Details" />
      <dl className="space-y-3 px-5">
        {factsOf(email).map(([label, value]) => (
          <div key={label}>
            <dt className="text-[13px] text-muted">{label}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
        <div>
          <dt className="text-[13px] text-muted">Recipients</dt>
          {email.recipients.map(({ type, email: address, status }) => (
            <dd
              key={`${type} ${address}`}
              className="flex items-center justify-between gap-2 py-0.5"
            >
              <span className="min-w-0 truncate" title={address}>
                {type !== 'to' && <span className="text-muted">{humanize(type)} </span>}
                {address}
              </span>
              <StatusBadge status={status} />
            </dd>
          ))}
        </div>
        <div>
          <dt className="text-[13px] text-muted">Id</dt>
          <dd className="flex items-center justify-between gap-2">
            <code className="min-w-0 truncate text-[13px]">{email.id}</code>
            <CopyButton value={email.id} label="Copy the id" />
          </dd>
        </div>
      </dl>
    </Card>
  );
}

function factsOf(email: EmailDetail): readonly (readonly [string, string])[] {
  const named = (address: string, name: string | null) =>
    name === null ? address : `${name} <${address}>`;
  const at = (time: string | null) => (time === null ? '' : formatDateTime(time));
  const facts = [
    ['From', named(email.from_email, email.from_name)],
    ['Reply to', email.reply_to.map((to) => named(to.email, to.name)).join(', ')],
    ['Tags', email.tags.join(', ')],
    ['Mode', humanize(email.mode)],
    ['Accepted', at(email.created_at)],
    ['Sent', at(email.sent_at)],
    ['Next attempt', at(email.next_attempt_at)],
    ['Given up at', email.status === 'queued' ? at(email.deadline_at) : ''],
  ] as const;
  return facts.filter(([, value]) => value !== '');
}
