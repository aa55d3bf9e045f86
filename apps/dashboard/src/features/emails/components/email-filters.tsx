import type { EmailStatus } from '@courierx/contract';
import { Search, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Input, Select } from '../../../components/ui/input.tsx';
import { humanize } from '../../../lib/format.ts';
import { omit } from '../../../lib/omit.ts';
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
const TYPING_MS = 250;

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
      <div className="relative col-span-2 md:w-64">
        <Search className="absolute top-2.5 left-3 size-4 text-muted" aria-hidden />
        <TypedFilter
          label="Recipient"
          className="pl-9"
          value={filters.recipient ?? ''}
          onChange={(value) => set('recipient', value)}
        />
      </div>
      <Select
        aria-label="Status"
        className="md:w-34"
        value={filters.status ?? ''}
        onChange={(event) => set('status', event.target.value)}
      >
        <option value="">Any status</option>
        {STATUSES.map((status) => (
          <option key={status} value={status}>
            {humanize(status)}
          </option>
        ))}
      </Select>
      <div className="md:w-36">
        <TypedFilter
          label="Tag"
          value={filters.tag ?? ''}
          onChange={(value) => set('tag', value)}
        />
      </div>
      <ThroughFilter filters={filters} onChange={onChange} />
      {(['from', 'to'] as const).map((name) => (
        <Input
          key={name}
          type="date"
          className="md:w-38"
          aria-label={name === 'from' ? 'From day (UTC)' : 'To day (UTC)'}
          title={name === 'from' ? 'From day (UTC)' : 'To day (UTC)'}
          value={filters[name] ?? ''}
          onChange={(event) => set(name, event.target.value)}
        />
      ))}
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
  readonly className?: string;
  readonly onChange: (value: string) => void;
};

/** Asks once the typing rests. */
function TypedFilter({ label, value, className, onChange }: TypedProps) {
  const [typed, setTyped] = useState(value);
  const [known, setKnown] = useState(value);
  if (known !== value) {
    setKnown(value);
    setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => onChange(typed.trim()), TYPING_MS);
    return () => clearTimeout(timer);
  });
  return (
    <Input
      type="search"
      aria-label={label}
      placeholder={label}
      className={className}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
