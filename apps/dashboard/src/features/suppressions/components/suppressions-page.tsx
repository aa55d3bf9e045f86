import type { Suppression } from '@courierx/contract';
import { Link } from '@tanstack/react-router';
import { Ban, Download, SearchX, Upload } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../../components/ui/badge.tsx';
import { Button } from '../../../components/ui/button.tsx';
import { PageHeader } from '../../../components/ui/card.tsx';
import { DataTable, type Column } from '../../../components/ui/data-table.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { ListBody } from '../../../components/ui/list-body.tsx';
import { SearchInput } from '../../../components/ui/search-input.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { EmptyState } from '../../../components/ui/states.tsx';
import { Time } from '../../../components/ui/time.tsx';
import { urlOf } from '../../../lib/api-client.ts';
import { formatDay, humanize } from '../../../lib/format.ts';
import { usePages } from '../../../lib/use-pages.ts';
import { LIST_KEY, useRemove } from '../api/suppressions.ts';
import { AddSuppression } from './add-suppression.tsx';
import { AddressDialog } from './address-dialog.tsx';
import { ReasonFilter } from './reason-filter.tsx';
import { REASON_TONES, summaryOf } from './reasons.ts';
import { useFilter } from './use-filter.ts';

export function SuppressionsPage() {
  const [filter, setFilter] = useFilter();
  const [opened, setOpened] = useState<Suppression | null>(null);
  const { rows, total, list } = usePages<Suppression>({
    key: LIST_KEY,
    path: '/suppressions',
    query: filter,
  });
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <PageHeader
        title="Suppressions"
        about="Addresses that get no mail, whoever asks for it."
        actions={
          <>
            <Button asChild>
              <a href={urlOf('/suppressions/export', filter)} download>
                <Download aria-hidden /> {isFiltered ? 'Export these' : 'Export'}
              </a>
            </Button>
            <Button asChild>
              <Link to="/suppressions/import">
                <Upload aria-hidden /> Import
              </Link>
            </Button>
            <AddSuppression />
          </>
        }
      />
      <ReasonFilter
        reason={filter.reason}
        onChange={(reason) => setFilter({ ...filter, reason })}
      />
      <Section>
        <search className="block border-b p-4">
          <SearchInput
            label="Search by address"
            className="sm:max-w-sm"
            value={filter.email ?? ''}
            onChange={(email) => setFilter({ ...filter, email })}
          />
        </search>
        <ListBody
          list={list}
          shown={rows.length}
          total={total}
          empty={<Empty isFiltered={isFiltered} onClear={() => setFilter({})} />}
        >
          <SuppressionTable rows={rows} onOpen={setOpened} />
        </ListBody>
      </Section>
      <AddressDialog suppression={opened} onClose={() => setOpened(null)} />
    </>
  );
}

type EmptyProps = { readonly isFiltered: boolean; readonly onClear: () => void };

function Empty({ isFiltered, onClear }: EmptyProps) {
  if (isFiltered) {
    return (
      <EmptyState icon={SearchX} title="None is like that">
        <Button onClick={onClear}>Show all</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState icon={Ban} title="No address is suppressed">
      <p>
        Dead addresses, complaints and unsubscribes come here by themselves. Moving from another
        provider? Bring its list along, so that nobody is written to who does not want it.
      </p>
      <Button asChild>
        <Link to="/suppressions/import">
          <Upload aria-hidden /> Import a list
        </Link>
      </Button>
    </EmptyState>
  );
}

type TableProps = {
  readonly rows: readonly Suppression[];
  readonly onOpen: (row: Suppression) => void;
};

function SuppressionTable({ rows, onOpen }: TableProps) {
  const remove = useRemove();
  const columns: readonly Column<Suppression>[] = [
    {
      label: 'Address',
      render: (row) => (
        <button
          type="button"
          onClick={() => onOpen(row)}
          className="text-left font-medium wrap-anywhere hover:underline max-sm:text-right sm:min-w-44 lg:min-w-56"
        >
          {row.email}
        </button>
      ),
    },
    {
      label: 'Reason',
      render: ({ reason }) => <Badge tone={REASON_TONES[reason]}>{humanize(reason)}</Badge>,
    },
    {
      label: 'Why',
      render: (row) => <Why text={summaryOf(row)} />,
    },
    {
      label: 'Since',
      isExtra: true,
      render: ({ created_at: time }) => <Time value={time} />,
    },
    {
      label: 'Ends',
      isExtra: true,
      render: ({ expires_at: time }) =>
        time === null ? (
          <span className="text-muted">never</span>
        ) : (
          <span className="whitespace-nowrap">{formatDay(time)}</span>
        ),
    },
    {
      label: 'Action',
      isNumber: true,
      render: (row) => (
        <Confirm
          title={`Remove ${row.email}?`}
          about={ADVICE[row.reason]}
          action="Remove"
          isDangerous
          onConfirm={() => remove.mutate({ row })}
        >
          <Button size="small" aria-label={`Remove ${row.email}, ${row.reason}`}>
            Remove
          </Button>
        </Confirm>
      ),
    },
  ];
  return <DataTable caption="Suppressions" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function Why({ text }: { readonly text: string }) {
  if (text === '') return null;
  return (
    <span className="line-clamp-2 max-w-md wrap-anywhere text-muted max-sm:text-right">{text}</span>
  );
}

const ADVICE: Readonly<Record<Suppression['reason'], string>> = {
  bounce: 'Mail goes to it again. If it is dead still, it bounces, which harms your reputation.',
  complaint: 'Mail goes to it again. Its owner marked yours as spam: do this only if they ask.',
  unsubscribe: 'Mail goes to it again. Its owner asked for none: do this only if they ask again.',
  manual: 'Mail goes to it again, unless there is another reason against it.',
};
