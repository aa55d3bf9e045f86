import type { SuppressionReason } from '@courierx/contract';
import { FileUp } from 'lucide-react';
import { useState } from 'react';
import { Code } from '../../../components/ui/code-sample.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { SelectField } from '../../../components/ui/text-field.tsx';
import { TextArea } from '../../../components/ui/text-area.tsx';
import { formatNumber } from '../../../lib/format.ts';
import { REASONS } from '../api/suppressions.ts';

export type ImportInput = {
  readonly list: Blob;
  readonly name: string | null;
  readonly reason: SuppressionReason;
};

type Props = { readonly error: unknown; readonly onSubmit: (input: ImportInput) => void };

const EXAMPLE = `email,reason,note
gone@example.com,bounce,mailbox closed
*@example.net,manual,a partner's domain`;

export function ImportForm({ error, onSubmit }: Props) {
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const [isBare, setBare] = useState(false);
  const submit = (fields: Record<string, string>) => {
    const reason = REASONS.find(([name]) => name === fields['reason'])?.[0] ?? 'manual';
    setBare(file === null && text.trim() === '');
    if (file !== null) onSubmit({ list: file, name: file.name, reason });
    else if (text.trim() !== '') onSubmit({ list: new Blob([text]), name: null, reason });
  };
  return (
    <div className="grid grid-cols-1 gap-6 p-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <Form action="Import" isPending={false} error={error} onSubmit={submit}>
        <FileZone file={file} onChange={setFile} />
        {file === null && (
          <TextArea
            label="Or paste the list"
            rows={6}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
        {isBare && (
          <p role="alert" className="text-bad">
            Choose a file, or paste a list.
          </p>
        )}
        <SelectField
          label="Reason"
          name="reason"
          defaultValue="manual"
          hint="For lines that give none."
          options={REASONS}
        />
      </Form>
      <aside className="space-y-2 text-[13px] text-muted">
        <h2 className="font-medium text-text">What it may look like</h2>
        <div className="rounded-lg border text-text">
          <Code text={EXAMPLE} />
        </div>
        <p>
          A column of addresses is enough. Columns it knows: email, reason, note, evidence,
          expires_at, created_at. A file that was exported here goes back in as it is.
        </p>
        <p>Lines that are no entry are left out and reported; all others go in.</p>
      </aside>
    </div>
  );
}

type ZoneProps = { readonly file: File | null; readonly onChange: (file: File | null) => void };

/** The input fills it, so that a file can be dropped on it too. */
function FileZone({ file, onChange }: ZoneProps) {
  return (
    <div className="relative rounded-lg border border-dashed px-4 py-8 text-center focus-within:outline-2 focus-within:outline-accent hover:bg-sunken">
      <FileUp className="mx-auto size-6 text-muted" aria-hidden />
      <p className="mt-2 font-medium break-all">
        {file === null
          ? 'Choose a file, or drop it here'
          : `${file.name}, ${formatNumber(file.size)} bytes`}
      </p>
      <p className="text-[13px] text-muted">.csv, .json, .ndjson</p>
      <input
        type="file"
        aria-label="File"
        accept=".csv,.txt,.json,.ndjson,.jsonl"
        className="absolute inset-0 cursor-pointer opacity-0"
        onChange={(event) => onChange(event.target.files?.[0] ?? null)}
      />
    </div>
  );
}
