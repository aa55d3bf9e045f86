import type { EmailDetail } from '@courierx/contract';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { formatNumber, humanize } from '../../../lib/format.ts';

export function Attempts({ email }: { readonly email: EmailDetail }) {
  if (email.attempts.length === 0) {
    return <p className="px-5 pb-5 text-muted">No provider has been asked yet.</p>;
  }
  return (
    <ol className="divide-y border-t">
      {email.attempts.map((attempt) => (
        <li key={attempt.number} className="space-y-2 px-5 py-4">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-medium">
              {attempt.number}. {attempt.provider_connection_name}
            </span>
            <StatusBadge status={attempt.outcome ?? 'under_way'} />
            <span className="ml-auto text-[13px] text-muted">
              {attempt.latency_ms !== null && `${formatNumber(attempt.latency_ms)} ms · `}
              <Time value={attempt.started_at} />
            </span>
          </div>
          {(attempt.reason ?? attempt.detail) !== null && (
            <p className="break-words">
              {attempt.reason !== null && humanize(attempt.reason)}
              {attempt.detail !== null && <span className="text-muted"> {attempt.detail}</span>}
            </p>
          )}
          {attempt.trace.length > 0 && (
            <ul className="list-outside list-disc pl-4 text-[13px] text-muted">
              {attempt.trace.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          )}
        </li>
      ))}
    </ol>
  );
}
