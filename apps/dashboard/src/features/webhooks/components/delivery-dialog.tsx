import type { WebhookDeliveryDetail, WebhookEndpoint } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Code } from '../../../components/ui/code-sample.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { Tabs } from '../../../components/ui/tabs.tsx';
import { formatDateTime, formatNumber } from '../../../lib/format.ts';
import { deliveryQuery, useReplayOne } from '../api/webhooks.ts';

type Props = {
  readonly endpoint: WebhookEndpoint;
  readonly deliveryId: string | null;
  readonly onClose: () => void;
};

export function DeliveryDialog({ endpoint, deliveryId, onClose }: Props) {
  return (
    <Dialog title="Delivery" isWide isOpen={deliveryId !== null} onOpenChange={onClose}>
      {deliveryId !== null && <Delivery endpoint={endpoint} deliveryId={deliveryId} />}
    </Dialog>
  );
}

function Delivery({ endpoint, deliveryId }: { endpoint: WebhookEndpoint; deliveryId: string }) {
  const { data: delivery, error } = useQuery(deliveryQuery(endpoint.id, deliveryId));
  const replay = useReplayOne(endpoint.id);
  if (error !== null) return <ErrorState error={error} />;
  if (delivery === undefined) return <Skeleton className="h-64" />;
  const { request } = delivery;
  return (
    <div className="space-y-4">
      <Facts delivery={delivery} />
      <div className="flex flex-wrap gap-2">
        <Button
          variant="primary"
          isBusy={replay.isPending}
          disabled={!endpoint.enabled}
          onClick={() => replay.mutate(delivery.id)}
        >
          Replay
        </Button>
        {delivery.email_id !== null && (
          <Button asChild>
            <Link to="/emails/$emailId" params={{ emailId: delivery.email_id }}>
              The email
            </Link>
          </Button>
        )}
      </div>
      <div className="overflow-hidden rounded-lg border">
        <Tabs
          label="Request"
          tabs={[
            { name: 'payload', label: 'Payload', content: <Code text={pretty(request.body)} /> },
            { name: 'headers', label: 'Headers', content: <Headers headers={request.headers} /> },
            {
              name: 'attempts',
              label: `Attempts (${delivery.attempts.length})`,
              content: <Attempts delivery={delivery} />,
            },
          ]}
        />
      </div>
      <Answer delivery={delivery} />
    </div>
  );
}

function Facts({ delivery }: { delivery: WebhookDeliveryDetail }) {
  const { event, status, recipient, timestamp, next_attempt_at: next } = delivery;
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Event', event],
    ['Status', <StatusBadge key="status" status={status} />],
    ['Happened', formatDateTime(timestamp)],
    ['Recipient', recipient],
    ['Next attempt', next === null ? null : formatDateTime(next)],
  ];
  return (
    <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-3">
      {facts
        .filter(([, value]) => value !== null)
        .map(([name, value]) => (
          <div key={name} className="min-w-0">
            <dt className="text-[13px] text-muted">{name}</dt>
            <dd className="break-words">{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** The newest one: what is looked at first when something is wrong. */
function Answer({ delivery: { attempts } }: { delivery: WebhookDeliveryDetail }) {
  const last = attempts.at(-1);
  if (last === undefined) return <p className="text-muted">It was not tried yet.</p>;
  return (
    <section aria-label="Last answer" className="overflow-hidden rounded-lg border">
      <h3 className="flex flex-wrap justify-between gap-2 border-b px-4 py-2 font-medium">
        <span>{last.status_code === null ? 'No answer' : `Answered ${last.status_code}`}</span>
        <span className="font-normal text-muted">in {formatNumber(last.latency_ms)} ms</span>
      </h3>
      <Code text={last.answer === '' ? '(an empty answer)' : (last.answer ?? last.error ?? '')} />
    </section>
  );
}

function Headers({ headers }: { headers: Readonly<Record<string, string>> }) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return (
    <>
      <Code text={lines.join('\n')} />
      <p className="border-t px-4 py-2 text-[13px] text-muted">
        Each attempt adds its own webhook-timestamp and webhook-signature.
      </p>
    </>
  );
}

function Attempts({ delivery: { attempts } }: { delivery: WebhookDeliveryDetail }) {
  if (attempts.length === 0) return <p className="p-4 text-muted">None yet.</p>;
  return (
    <ol className="divide-y">
      {attempts.map(({ number, status_code: code, error, latency_ms, attempted_at }) => (
        <li key={number} className="flex flex-wrap justify-between gap-x-4 px-4 py-2">
          <span>
            {number}. {error ?? `answered ${code ?? ''}`}
          </span>
          <span className="text-muted tabular-nums">
            {formatNumber(latency_ms)} ms, {formatDateTime(attempted_at)}
          </span>
        </li>
      ))}
    </ol>
  );
}

function pretty(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 2);
}
