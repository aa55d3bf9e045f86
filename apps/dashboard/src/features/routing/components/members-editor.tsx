import type { ProviderConnection, RoutingStrategy } from '@courierx/contract';
import { X } from 'lucide-react';
import { useContext, type ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { FormError } from '../../../components/ui/form.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { Meter } from '../../../components/ui/meter.tsx';
import { SortableList } from '../../../components/ui/sortable-list.tsx';
import { ApiError } from '../../../lib/api-client.ts';
import { formatPercent, humanize } from '../../../lib/format.ts';
import type { DraftMember } from './rule-draft.ts';
import { sharesOf } from './words.ts';

type MembersEditorProps = {
  readonly members: readonly DraftMember[];
  readonly strategy: RoutingStrategy;
  /** Those there are to choose from. */
  readonly connections: readonly ProviderConnection[];
  readonly onChange: (members: readonly DraftMember[]) => void;
};

/** The connections of a rule: which, in what order, with what weight. */
export function MembersEditor({ members, strategy, connections, onChange }: MembersEditorProps) {
  const shares = sharesOf(
    strategy,
    members.map(({ weight, isStandby }) => ({
      weight: Math.max(0, Number(weight) || 0),
      failover_only: isStandby,
    })),
  );
  const replace = (changed: DraftMember) =>
    onChange(members.map((member) => (member.id === changed.id ? changed : member)));
  return (
    <fieldset className="min-w-0 space-y-3 rounded-lg border px-4 pt-2 pb-4">
      <legend className="px-1 font-medium">By which connections</legend>
      <SortableList
        className="space-y-2"
        items={members}
        idOf={({ id }) => id}
        nameOf={({ name }) => name}
        onMove={onChange}
      >
        {(member, handle, index) => (
          <MemberRow
            {...{ member, handle, index, strategy }}
            share={shares[index] ?? null}
            onChange={replace}
            onRemove={() => onChange(members.filter(({ id }) => id !== member.id))}
          />
        )}
      </SortableList>
      <AddMember
        connections={connections.filter(({ id }) => !members.some((member) => member.id === id))}
        onAdd={(connection) => onChange([...members, toMember(connection)])}
      />
      <MemberFaults />
    </fieldset>
  );
}

type MemberRowProps = {
  readonly member: DraftMember;
  readonly handle: ReactNode;
  readonly index: number;
  readonly strategy: RoutingStrategy;
  readonly share: number | null;
  readonly onChange: (member: DraftMember) => void;
  readonly onRemove: () => void;
};

function MemberRow(props: MemberRowProps) {
  const { member, handle, index, strategy, share, onChange, onRemove } = props;
  const { name, provider, weight, isStandby } = member;
  return (
    <div className="space-y-2 rounded-lg border bg-surface px-3 py-2">
      <div className="flex items-center gap-2">
        {handle}
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{name}</p>
          <p className="text-[13px] text-muted">{humanize(provider)}</p>
        </div>
        <Button variant="ghost" size="icon" aria-label={`Remove ${name}`} onClick={onRemove}>
          <X />
        </Button>
      </div>
      <div className="flex min-h-9 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <label className="flex items-center gap-2 text-[13px]">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            checked={isStandby}
            onChange={(event) => onChange({ ...member, isStandby: event.currentTarget.checked })}
          />
          <span>
            Only when the others can’t <span className="sr-only">take it: {name}</span>
          </span>
        </label>
        <div className="ml-auto flex items-center gap-2">
          {strategy === 'weighted' && !isStandby && (
            <Input
              type="number"
              min={0}
              step="any"
              required
              className="w-24 text-right"
              name={`connections[${index}].weight`}
              aria-label={`Weight of ${name}`}
              value={weight}
              onChange={(event) => onChange({ ...member, weight: event.currentTarget.value })}
            />
          )}
          {share !== null && (
            <span className="w-12 text-right tabular-nums">{formatPercent(share)}</span>
          )}
        </div>
      </div>
      {share !== null && <Meter share={share} />}
    </div>
  );
}

type AddMemberProps = {
  readonly connections: readonly ProviderConnection[];
  readonly onAdd: (connection: ProviderConnection) => void;
};

function AddMember({ connections, onAdd }: AddMemberProps) {
  if (connections.length === 0) return null;
  return (
    <Select
      aria-label="Add a connection"
      value=""
      onChange={(event) => {
        const chosen = connections.find(({ id }) => id === event.currentTarget.value);
        if (chosen !== undefined) onAdd(chosen);
      }}
    >
      <option value="">Add a connection…</option>
      {connections.map(({ id, display_name: name, provider, enabled }) => (
        <option key={id} value={id}>
          {`${name} (${humanize(provider)}${enabled ? '' : ', paused'})`}
        </option>
      ))}
    </Select>
  );
}

const WEIGHT_FAULT = /^connections\[\d+\]\.weight /;

/** The faults of single weights, which stand in no field of their own. */
function MemberFaults() {
  const error = useContext(FormError);
  const faults =
    error instanceof ApiError ? error.errors.filter((each) => WEIGHT_FAULT.test(each)) : [];
  if (faults.length === 0) return null;
  return (
    <p role="alert" className="text-[13px] text-bad">
      {faults.join(' ')}
    </p>
  );
}

function toMember({ id, display_name: name, provider }: ProviderConnection): DraftMember {
  return { id, name, provider, weight: '1', isStandby: false };
}
