import type { ProviderConnection } from '@courierx/contract';
import { TextField } from '../../../components/ui/text-field.tsx';

const CAPS = [
  { name: 'max_per_second', label: 'Mails a second', min: 0.01, step: 'any' },
  { name: 'max_per_day', label: 'Mails a day', min: 1, step: 1 },
  { name: 'max_per_month', label: 'Mails a month', min: 1, step: 1 },
] as const;

/** What a connection may be used for; empty: no cap. */
export function CapFields({ of }: { readonly of?: ProviderConnection }) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-3">
        {CAPS.map(({ name, label, min, step }) => (
          <TextField
            key={name}
            {...{ label, name, min, step }}
            type="number"
            placeholder="No cap"
            defaultValue={of?.[name] ?? ''}
          />
        ))}
      </div>
      <p className="text-[13px] text-muted">
        Days and months are those of UTC. Mail beyond a cap goes by another connection, or waits.
      </p>
      <TextField
        label="Keep warm, in percent"
        name="keep_warm_percent"
        type="number"
        min={0}
        max={50}
        defaultValue={of?.keep_warm_percent ?? ''}
        hint="Of a hundred mails, how many go here first while it is not the first. A provider that never sees mail from you may slow it down on the day you need it."
      />
    </>
  );
}
