import type { ApiKey, AuditEntry } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { ScrollText } from 'lucide-react';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { FilterSelect } from '../../../components/ui/filter-select.tsx';
import { ListBody } from '../../../components/ui/list-body.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { EmptyState } from '../../../components/ui/states.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { getAll } from '../../../lib/api-client.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { ACTORS, factsOf, SUBJECTS, subjectOf, wordsOf } from './audit-words.ts';
import { SettingsFrame } from './settings-frame.tsx';

export function AuditLogPage() {
  const [filter, setFilter] = useFilter();
  const { rows, total, list } = usePages<AuditEntry>({
    key: ['audit-log'],
    path: '/audit_log',
    query: filter,
  });
  const keyNames = useKeyNames();
  return (
    <SettingsFrame>
      <Section title="Who changed what">
        <search className="flex flex-wrap gap-2">
          <FilterSelect
            label="What"
            any="Everything"
            options={SUBJECTS}
            value={filter.action}
            onChange={(action) => setFilter({ ...filter, action })}
          />
          <FilterSelect
            label="By"
            any="Anyone"
            options={ACTORS}
            value={filter.actor}
            onChange={(actor) => setFilter({ ...filter, actor })}
          />
        </search>
        <div className="-mx-5 -mb-5 border-t">
          <ListBody
            list={list}
            shown={rows.length}
            total={total}
            empty={
              <EmptyState icon={ScrollText} title="Nothing of that kind was changed">
                Choose everything, by anyone.
              </EmptyState>
            }
          >
            <DataTable
              caption="Audit log"
              columns={columnsOf(keyNames)}
              rows={rows}
              keyOf={({ id }) => id}
            />
          </ListBody>
        </div>
      </Section>
    </SettingsFrame>
  );
}

function columnsOf(keyNames: ReadonlyMap<string, string>): readonly Column<AuditEntry>[] {
  return [
    { label: 'When', render: ({ occurred_at: time }) => <Time value={time} /> },
    {
      label: 'What',
      render: (entry) => {
        const subject = subjectOf(entry);
        return (
          <span className="min-w-0 max-sm:text-right">
            <span className="font-medium" title={entry.action}>
              {wordsOf(entry.action)}
            </span>
            {subject !== null && <span className="wrap-anywhere"> {subject}</span>}
            <span className="block text-[13px] break-words text-muted">
              {factsOf(entry, subject)}
            </span>
          </span>
        );
      },
    },
    { label: 'By', render: (entry) => <span>{actorOf(entry, keyNames)}</span> },
  ];
}

function actorOf({ actor, api_key_id: keyId }: AuditEntry, names: ReadonlyMap<string, string>) {
  if (actor !== 'api_key') return ACTORS.find(([name]) => name === actor)?.[1] ?? actor;
  return `Key ${names.get(keyId ?? '') ?? 'that is gone'}`;
}

function useKeyNames(): ReadonlyMap<string, string> {
  const { data } = useQuery({
    queryKey: ['api-keys', 'names'],
    queryFn: ({ signal }) => getAll<ApiKey>('/api_keys', signal),
  });
  return new Map(data?.map(({ id, name }) => [id, name]));
}

type Search = { readonly action?: string; readonly actor?: string };

/** The filter, which is in the URL. */
function useFilter() {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const action = SUBJECTS.find(([name]) => name === search['action'])?.[0];
  const actor = ACTORS.find(([name]) => name === search['actor'])?.[0];
  const filter: Search = { ...(action && { action }), ...(actor && { actor }) };
  const setFilter = (next: Search) => {
    const filled = Object.entries(next).filter(([, value]) => value !== '');
    void navigate({ to: '/settings/audit-log', search: Object.fromEntries(filled), replace: true });
  };
  return [filter, setFilter] as const;
}
