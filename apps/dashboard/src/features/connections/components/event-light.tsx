import type { ProviderConnection } from '@courierx/contract';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Time } from '../../../components/ui/time.tsx';

type Status = ProviderConnection['webhook_status'];
const LIGHTS: Readonly<Record<Status, readonly [tone: Tone, label: string]>> = {
  hearing: ['good', 'Hearing events'],
  waiting: ['info', 'Waiting for the first event'],
  silent: ['warn', 'Silent'],
  not_set_up: ['plain', 'Events not set up'],
};

/** Whether the provider tells what becomes of mails, and when it last did. */
export function EventLight({ connection }: { readonly connection: ProviderConnection }) {
  const { webhook_status: status, last_event_at: heard } = connection;
  const [tone, label] = LIGHTS[status];
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <Badge tone={tone}>{label}</Badge>
      {heard !== null && (
        <span className="text-[13px] text-muted">
          last heard <Time value={heard} />
        </span>
      )}
    </span>
  );
}

/** What the light means for the mail. */
export function describeLight({ provider, webhook_status: status }: ProviderConnection): string {
  if (provider === 'sandbox') return 'The sandbox tells what becomes of a mail by itself.';
  switch (status) {
    case 'hearing':
      return 'Deliveries, bounces, complaints and opens show on your mails.';
    case 'waiting':
      return 'A secret is kept here, and nothing was heard so far. With the webhook set up on the other side, the first event comes with the next mail.';
    case 'silent':
      return 'Mail went out, and nothing was heard of it for long. Set the events up again.';
    case 'not_set_up':
      return 'Mail goes out, but nobody says whether it arrives: no deliveries, no bounces, and dead addresses are not suppressed.';
  }
}
