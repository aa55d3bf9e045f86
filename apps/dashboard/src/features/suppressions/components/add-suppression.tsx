import type { Suppression } from '@courierx/contract';
import { Adder } from '../../../components/ui/adder.tsx';
import { SelectField, TextField } from '../../../components/ui/text-field.tsx';
import { startOfDay } from '../../../lib/format.ts';
import { omit } from '../../../lib/omit.ts';
import { useChange } from '../../../lib/use-change.ts';
import { REASONS } from '../api/suppressions.ts';

export function AddSuppression() {
  const add = useChange<Suppression>('suppressions', { inForm: true });
  return (
    <Adder
      title="Suppress an address"
      action="Suppress"
      isPending={add.isPending}
      error={add.error}
      onSubmit={(fields) =>
        add.mutateAsync({ method: 'POST', path: '/suppressions', body: bodyOf(fields) })
      }
    >
      <TextField
        label="Address"
        name="email"
        hint="Or *@example.com for a whole domain."
        required
      />
      <SelectField label="Reason" name="reason" defaultValue="manual" options={REASONS} />
      <TextField label="Note" name="note" hint="For yourselves: who asked, and where." />
      <TextField label="Until" name="expires_at" type="date" hint="Empty: for good." />
    </Adder>
  );
}

/** A day begins in the viewer's zone. */
function bodyOf(fields: Record<string, string>): Record<string, string> {
  const { expires_at: day } = fields;
  if (day === undefined) return fields;
  return { ...omit(fields, 'expires_at'), expires_at: startOfDay(day) };
}
