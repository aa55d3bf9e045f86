import type { SuppressionImport } from '@courierx/contract';
import { CircleCheck, Download } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { DataTable } from '../../../components/ui/data-table.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { formatNumber } from '../../../lib/format.ts';

type Props = { readonly result: SuppressionImport; readonly onAgain: () => void };

const SHOWN = 100;

export function ImportReport({ result, onAgain }: Props) {
  const [isAll, setAll] = useState(false);
  const { lines, imported, updated, skipped, failed, errors } = result;
  const figures = [
    ['New', imported],
    ['Changed', updated],
    ['There already', skipped],
    ['Left out', failed],
  ] as const;
  const shown = isAll ? errors : errors.slice(0, SHOWN);
  return (
    <div className="space-y-5">
      <Section title="The list is in" aside={<Button onClick={onAgain}>Import another</Button>}>
        <p role="status" className="flex items-center gap-2">
          <CircleCheck className="size-4 text-good" aria-hidden />
          {formatNumber(lines)} lines were read.
        </p>
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt className="text-[13px] text-muted">{name}</dt>
              <dd className="text-xl font-semibold tabular-nums">{formatNumber(value)}</dd>
            </div>
          ))}
        </dl>
      </Section>
      {failed > 0 && (
        <Section
          title="Lines that were left out"
          aside={
            <Button onClick={() => download(errors)}>
              <Download aria-hidden /> Download the report
            </Button>
          }
        >
          {failed > errors.length && (
            <p className="text-muted">
              The first {formatNumber(errors.length)} of {formatNumber(failed)}.
            </p>
          )}
          <div className="-mx-5 -mb-5 border-t">
            <DataTable
              caption="Lines that were left out"
              rows={shown}
              keyOf={({ line, message }) => `${line} ${message}`}
              columns={[
                { label: 'Line', render: ({ line }) => formatNumber(line) },
                {
                  label: 'What is wrong',
                  render: ({ message }) => <span className="break-words">{message}</span>,
                },
              ]}
            />
            {shown.length < errors.length && (
              <div className="border-t p-3 text-center">
                <Button size="small" onClick={() => setAll(true)}>
                  Show all {formatNumber(errors.length)}
                </Button>
              </div>
            )}
          </div>
        </Section>
      )}
    </div>
  );
}

function download(errors: SuppressionImport['errors']): void {
  const rows = errors.map(({ line, message }) => `${line},"${message.replaceAll('"', '""')}"`);
  const csv = new Blob([`line,message\n${rows.join('\n')}\n`], { type: 'text/csv' });
  const url = URL.createObjectURL(csv);
  const link = document.createElement('a');
  link.href = url;
  link.download = 'import-report.csv';
  link.click();
  URL.revokeObjectURL(url);
}
