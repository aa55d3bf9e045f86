import type { Suppression } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { formatDateTime, humanize } from '../../../lib/format.ts';
import { reasonsQuery, useRemove } from '../api/suppressions.ts';
import { eventName, readEvidence, REASON_TONES } from './reasons.ts';

type Props = { readonly suppression: Suppression | null; readonly onClose: () => void };

/** All that is against an address, with what showed it. */
export function AddressDialog({ suppression, onClose }: Props) {
  return (
    <Dialog
      title={suppression?.email ?? ''}
      about="No mail goes here as long as one of these stands."
      isOpen={suppression !== null}
      onOpenChange={onClose}
    >
      {suppression !== null && <Reasons suppression={suppression} onClose={onClose} />}
    </Dialog>
  );
}

function Reasons({ suppression, onClose }: { suppression: Suppression; onClose: () => void }) {
  const { data: rows, error } = useQuery(reasonsQuery(suppression.email));
  const remove = useRemove();
  if (error !== null) return <ErrorState error={error} />;
  if (rows === undefined) return <Skeleton className="h-32" />;
  return (
    <div className="space-y-4">
      <ul className="space-y-3">
        {rows.map((row) => (
          <li key={row.id} className="rounded-lg border">
            <div className="flex items-center justify-between gap-3 px-4 py-2.5">
              <Badge tone={REASON_TONES[row.reason]}>{humanize(row.reason)}</Badge>
              <Button
                size="small"
                aria-label={`Remove this reason: ${row.reason}`}
                onClick={() => {
                  remove.mutate({ row });
                  if (rows.length === 1) onClose();
                }}
              >
                Remove
              </Button>
            </div>
            <Facts row={row} />
          </li>
        ))}
      </ul>
      {rows.length > 1 && (
        <Button
          variant="danger"
          onClick={() => {
            remove.mutate({ row: suppression, all: true });
            onClose();
          }}
        >
          Remove all {rows.length} reasons
        </Button>
      )}
    </div>
  );
}

function Facts({ row }: { row: Suppression }) {
  const { emailId, event, bounceType, provider, status, detail, occurredAt, softBounces } =
    readEvidence(row);
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Since', formatDateTime(row.created_at)],
    ['Ends', row.expires_at === null ? 'never' : formatDateTime(row.expires_at)],
    ['Note', row.note],
    ['Event', event === null ? null : eventName(event, bounceType)],
    ['Soft bounces', softBounces],
    ['When', occurredAt === null ? null : formatDateTime(occurredAt)],
    ['Told by', provider === null ? null : humanize(provider)],
    ['Status', status],
    ['Its words', detail],
    ['Email', emailId === null ? null : <EmailLink id={emailId} />],
  ];
  return (
    <dl className="divide-y border-t text-[13px]">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name} className="grid grid-cols-[7rem_1fr] gap-3 px-4 py-1.5">
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 break-words">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function EmailLink({ id }: { id: string }) {
  return (
    <Link to="/emails/$emailId" params={{ emailId: id }} className="font-medium underline">
      The mail that showed it
    </Link>
  );
}
