import type { ApiKey } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Badge, type Tone } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { MaybeTime, Time } from '../../../components/ui/time.tsx';
import { formatDateTime, formatDay, humanize } from '../../../lib/format.ts';
import { makersQuery, useDeleteKey, useRevoke } from '../api/api-keys.ts';
import { ROLES } from './make-key.tsx';

const TONES: Readonly<Record<ApiKey['status'], Tone>> = {
  active: 'good',
  revoked: 'bad',
  expired: 'warn',
};

export function KeyTable({ keys }: { readonly keys: readonly ApiKey[] }) {
  const makerOf = useMakers(keys);
  const columns: readonly Column<ApiKey>[] = [
    {
      label: 'Name',
      render: ({ name, prefix }) => (
        <span className="max-sm:text-right">
          <span className="block font-medium break-words">{name}</span>
          <code className="text-xs text-muted">{prefix}…</code>
        </span>
      ),
    },
    { label: 'May', render: (key) => <May apiKey={key} /> },
    {
      label: 'Mode',
      render: ({ mode }) => (
        <Badge tone={mode === 'live' ? 'info' : 'plain'}>{humanize(mode)}</Badge>
      ),
    },
    { label: 'State', render: (key) => <State apiKey={key} /> },
    { label: 'Last used', render: ({ last_used_at: time }) => <MaybeTime value={time} /> },
    {
      label: 'Made',
      isExtra: true,
      render: (key) => (
        <span>
          <Time value={key.created_at} />
          <span className="block text-[13px] text-muted">{makerOf(key)}</span>
        </span>
      ),
    },
    { label: 'Action', isNumber: true, render: (key) => <Action apiKey={key} /> },
  ];
  return <DataTable caption="API keys" columns={columns} rows={keys} keyOf={({ id }) => id} />;
}

function May({ apiKey: { role, domain } }: { readonly apiKey: ApiKey }) {
  const words = ROLES.find(([name]) => name === role)?.[1] ?? role;
  return (
    <span className="max-sm:text-right">
      {words}
      {domain !== null && (
        <span className="block text-[13px] wrap-anywhere text-muted">from {domain} alone</span>
      )}
    </span>
  );
}

function State({ apiKey: { status, expires_at: end } }: { readonly apiKey: ApiKey }) {
  return (
    <span className="max-sm:text-right">
      <Badge tone={TONES[status]}>{humanize(status)}</Badge>
      {status === 'active' && end !== null && (
        <span className="block text-[13px] text-muted" title={formatDateTime(end)}>
          until {formatDay(end)}
        </span>
      )}
    </span>
  );
}

/** First it is shut, which can be looked at; then it goes. */
function Action({ apiKey: { id, name, status } }: { readonly apiKey: ApiKey }) {
  const revoke = useRevoke();
  const remove = useDeleteKey();
  if (status === 'active') {
    return (
      <Confirm
        title={`Revoke ${name}?`}
        about="Programs that use it are refused at once. There is no way back; it stays in this list."
        action="Revoke"
        isDangerous
        onConfirm={() => revoke.mutate(id)}
      >
        <Button size="small" aria-label={`Revoke ${name}`}>
          Revoke
        </Button>
      </Confirm>
    );
  }
  return (
    <Confirm
      title={`Delete ${name}?`}
      about="It works no more as it is. What it did stays in the audit log."
      action="Delete"
      isDangerous
      onConfirm={() => remove.mutate(id)}
    >
      <Button size="small" variant="danger" aria-label={`Delete ${name}`}>
        Delete
      </Button>
    </Confirm>
  );
}

function useMakers(keys: readonly ApiKey[]): (key: ApiKey) => string {
  const { data: makers } = useQuery(makersQuery);
  return ({ id }) => {
    const entry = makers?.get(id);
    if (entry === undefined) return '';
    if (entry.actor === 'session') return 'by a person, logged in';
    if (entry.actor !== 'api_key') return `by the ${entry.actor}`;
    const maker = keys.find((key) => key.id === entry.api_key_id);
    return `by the key ${maker?.name ?? 'that is gone'}`;
  };
}
