import type { EmailStatus } from '@courierx/contract';
import { X } from 'lucide-react';
import { Fragment } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { FilterSelect } from '../../../components/ui/filter-select.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { SearchInput } from '../../../components/ui/search-input.tsx';
import { humanize } from '../../../lib/format.ts';
import { omit } from '../../../lib/omit.ts';
import { useRestingText } from '../../../lib/use-resting-text.ts';
import type { EmailFilters } from '../api/list-emails.ts';
import { ThroughFilter } from './through-filter.tsx';

const STATUSES: readonly EmailStatus[] = [
  'queued',
  'sent',
  'delivered',
  'bounced',
  'failed',
  'suppressed',
];

const DAYS = [
  ['from', 'From', 'From day'],
  ['to', 'to', 'To day'],
] as const;

type Props = {
  readonly filters: EmailFilters;
  readonly onChange: (filters: EmailFilters) => void;
};

export function EmailFiltersBar({ filters, onChange }: Props) {
  const set = (name: keyof EmailFilters, value: string) => {
    const rest = omit(filters, name);
    onChange(value === '' ? rest : { ...rest, [name]: value });
  };
  return (
    <search className="mb-4 grid grid-cols-2 gap-2 md:flex md:flex-wrap">
      <SearchInput
        label="Recipient"
        className="col-span-2 md:w-56"
        value={filters.recipient ?? ''}
        onChange={(value) => set('recipient', value)}
      />
      <FilterSelect
        label="Status"
        any="Any status"
        className="md:w-34"
        value={filters.status}
        options={STATUSES.map((status) => [status, humanize(status)])}
        onChange={(value) => set('status', value)}
      />
      <div className="md:w-32">
        <TypedFilter
          label="Tag"
          value={filters.tag ?? ''}
          onChange={(value) => set('tag', value)}
        />
      </div>
      <ThroughFilter filters={filters} onChange={onChange} />
      <div className="col-span-2 flex items-center gap-1.5 text-[13px] text-muted">
        {DAYS.map(([name, word, label]) => (
          <Fragment key={name}>
            <span aria-hidden>{word}</span>
            <Input
              type="date"
              className="min-w-0 flex-1 text-sm text-text md:w-36 md:flex-none"
              aria-label={label}
              title={label}
              value={filters[name] ?? ''}
              onChange={(event) => set(name, event.target.value)}
            />
          </Fragment>
        ))}
      </div>
      {Object.keys(filters).length > 0 && (
        <Button variant="ghost" onClick={() => onChange({})}>
          <X aria-hidden /> Clear
        </Button>
      )}
    </search>
  );
}

type TypedProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
};

/** Asks once the typing rests. */
function TypedFilter({ label, value, onChange }: TypedProps) {
  const [typed, setTyped] = useRestingText(value, onChange);
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
