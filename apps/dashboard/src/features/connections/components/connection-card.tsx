import type { ConnectionUsage, ProviderConnection } from '@courierx/contract';
import type { ReactNode } from 'react';
import { ConnectionBadge } from '../../../components/providers/connection-badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { cn } from '../../../lib/cn.ts';
import { BreakerState } from './breaker-state.tsx';
import { ConnectionActions } from './connection-actions.tsx';
import { ConnectionFacts } from './connection-facts.tsx';
import { EventLight } from './event-light.tsx';
import { PROVIDER_GUIDES } from '../../../components/providers/provider-guides.ts';
import type { Ask } from './use-dialogs.ts';

export type ConnectionCardProps = {
  readonly connection: ProviderConnection;
  readonly usage: ConnectionUsage | undefined;
  /** Its place among those tried, from 1. */
  readonly place: number;
  readonly handle: ReactNode;
  readonly onAsk: Ask;
};

export function ConnectionCard(props: ConnectionCardProps) {
  const { connection, usage, place, handle, onAsk } = props;
  const { enabled, provider, webhook_status: hearing } = connection;
  const label = hearing === 'hearing' || hearing === 'waiting' ? 'Events' : 'Set up events';
  return (
    <Card className={cn('min-w-0', !enabled && 'border-dashed')}>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 pt-4 sm:px-5">
        <div className="flex min-w-0 flex-[1_1_16rem] items-center gap-3">
          {handle}
          <ProviderTile connection={connection} place={place} />
          <div className="min-w-0">
            <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
              <h2 className="text-[15px] font-semibold break-words">{connection.display_name}</h2>
              <ConnectionBadge connection={connection} />
            </div>
            <p className="text-[13px] text-muted">{describe(connection)}</p>
          </div>
        </div>
        <ConnectionActions connection={connection} onAsk={onAsk} />
      </div>
      <div className="space-y-4 px-4 pt-3 pb-4 sm:px-5 sm:pl-[3.75rem]">
        <BreakerState connection={connection} />
        <ConnectionFacts connection={connection} usage={usage} />
        {connection.learned?.sandboxed === true && (
          <p className="text-warn">
            The provider keeps this account in its sandbox: it only sends to addresses you verified
            there.
          </p>
        )}
        {provider !== 'sandbox' && (
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t pt-3">
            <EventLight connection={connection} />
            <Button
              size="small"
              variant={hearing === 'hearing' ? 'ghost' : 'secondary'}
              aria-label={`${label} of ${connection.display_name}`}
              onClick={() => onAsk('events', connection.id)}
            >
              {label}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}

function ProviderTile({ connection, place }: Pick<ConnectionCardProps, 'connection' | 'place'>) {
  return (
    <div className="relative shrink-0" title={`Tried as number ${place}`}>
      <div
        aria-hidden
        className="flex size-10 items-center justify-center rounded-lg bg-info-soft text-[13px] font-semibold text-info"
      >
        {PROVIDER_GUIDES[connection.provider].initials}
      </div>
      <span className="absolute -right-1.5 -bottom-1.5 flex size-5 items-center justify-center rounded-full border bg-surface text-[11px] font-semibold tabular-nums">
        <span className="sr-only">Place </span>
        {place}
      </span>
    </div>
  );
}

/** What it is, told so that two of one provider can be told apart. */
function describe(connection: ProviderConnection): string {
  const { provider, smtp_host: host, smtp_port: port, credentials_hint: hint } = connection;
  const where = provider === 'smtp' ? `${host ?? ''}:${port ?? ''}` : host;
  const parts = [
    PROVIDER_GUIDES[provider].title,
    where,
    connection.region,
    connection.message_stream,
    hint === null ? null : `key …${hint}`,
    connection.keep_warm_percent > 0 ? `kept warm with ${connection.keep_warm_percent} %` : null,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
