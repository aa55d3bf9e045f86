import type { DnsRecord } from '@courierx/contract';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { humanize } from '../../../lib/format.ts';

const PURPOSES: Readonly<Record<DnsRecord['purpose'], string>> = {
  ownership: 'Shows that it is yours',
  spf: 'SPF: who may send for it',
  dkim: 'DKIM: its mail is signed',
  dmarc: 'DMARC: what to do with forgeries',
};

/** What to enter, and what is there today. */
export function DnsRecords({ records }: { readonly records: readonly DnsRecord[] }) {
  return (
    <ul className="divide-y rounded-lg border">
      {records.map((record) => (
        <li key={`${record.purpose} ${record.type} ${record.name}`} className="space-y-3 p-4">
          <RecordHeader record={record} />
          <RecordValues record={record} />
          <p className="text-[13px] break-words text-muted">{record.message}</p>
          {record.status === 'different' && <Found values={record.found} />}
        </li>
      ))}
    </ul>
  );
}

function RecordHeader({ record: { purpose, providers, type, status } }: { record: DnsRecord }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-2">
      <h3 className="font-medium">
        {PURPOSES[purpose]}
        <span className="ml-2 font-normal text-muted">
          {type}
          {providers.length > 0 && `, for ${providers.map(humanize).join(', ')}`}
        </span>
      </h3>
      <StatusBadge status={status} />
    </div>
  );
}

function RecordValues({ record: { name, value, purpose } }: { record: DnsRecord }) {
  return (
    <div className="grid gap-2 md:grid-cols-2">
      <div className="min-w-0">
        <p className="mb-1 text-[13px] text-muted">Name</p>
        <CopyValue value={name} label={`Copy the name for ${purpose}`} />
      </div>
      <div className="min-w-0">
        <p className="mb-1 text-[13px] text-muted">Value</p>
        {value === null ? (
          <p className="py-2">Your provider shows it to you.</p>
        ) : (
          <CopyValue value={value} label={`Copy the value for ${purpose}`} />
        )}
      </div>
    </div>
  );
}

function Found({ values }: { readonly values: readonly string[] }) {
  return (
    <div className="text-[13px]">
      <p className="text-muted">There now:</p>
      {values.map((value) => (
        <code key={value} className="block break-all">
          {value}
        </code>
      ))}
    </div>
  );
}
