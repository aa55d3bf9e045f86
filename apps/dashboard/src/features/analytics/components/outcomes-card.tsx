import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { formatNumber } from '../../../lib/format.ts';
import type { Counts } from '../../../lib/usage.ts';

const OUTCOMES = [
  ['hard_bounced', 'Hard bounced', 'The address does not exist; it is suppressed.'],
  ['deferred', 'Deferred', 'The mail server put it off at least once.'],
  ['failed', 'Failed', 'Given up before a provider took it.'],
  ['suppressed', 'Suppressed', 'Left out, as the address is on your list.'],
  ['unsubscribed', 'Unsubscribed', 'Asked for no more mail.'],
] as const;

/** What the chart has no line for. */
export function OutcomesCard({ totals }: { readonly totals: Counts }) {
  return (
    <Card>
      <CardHeader title="Also in these days" />
      <dl className="divide-y border-t">
        {OUTCOMES.map(([key, name, about]) => (
          <div key={key} className="flex items-center justify-between gap-4 px-5 py-2.5">
            <dt>
              <span className="font-medium">{name}</span>{' '}
              <span className="text-muted max-sm:block">{about}</span>
            </dt>
            <dd className="font-medium tabular-nums">{formatNumber(totals[key])}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
