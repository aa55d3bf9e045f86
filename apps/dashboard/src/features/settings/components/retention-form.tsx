import type { Account } from '@courierx/contract';
import { useState } from 'react';
import { Form } from '../../../components/ui/form.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { useUpdateAccount } from '../api/account.ts';

type Days = { readonly retention_days: string; readonly content_retention_days: string };

export function RetentionForm({ account }: { readonly account: Account }) {
  const change = useUpdateAccount();
  const [days, setDays] = useState<Days>({
    retention_days: textOf(account.retention_days),
    content_retention_days: textOf(account.content_retention_days),
  });
  const next = {
    retention_days: numberOf(days.retention_days),
    content_retention_days: numberOf(days.content_retention_days),
  };
  const isShorter =
    isLess(next.retention_days, account.retention_days) ||
    isLess(next.content_retention_days, account.content_retention_days);
  const field = (name: keyof Days) => ({
    ...{ name, type: 'number', min: 1, max: 3650, step: 1, placeholder: 'for good' },
    value: days[name],
    onChange: (event: { target: { value: string } }) =>
      setDays({ ...days, [name]: event.target.value }),
  });
  return (
    <Section title="How long things are kept">
      <Form
        action="Save retention"
        className="grid gap-4 sm:grid-cols-2"
        isPending={change.isPending}
        error={change.error}
        note={change.isSuccess && <span role="status">Saved.</span>}
        onSubmit={() => change.mutate(next)}
      >
        <TextField
          label="Bodies and attachments, in days"
          hint="The record of the mail stays: to whom, when, and what became of it. Empty: for good."
          {...field('content_retention_days')}
        />
        <TextField
          label="Mail as a whole, in days"
          hint="With its events and attempts. Mail that still waits to be sent is never deleted. Empty: for good."
          {...field('retention_days')}
        />
        {isShorter && (
          <p className="rounded-lg bg-warn-soft px-3 py-2 text-warn sm:col-span-2">
            What is older than this is deleted soon after you save, and can’t be brought back.
          </p>
        )}
      </Form>
    </Section>
  );
}

const textOf = (days: number | null) => (days === null ? '' : String(days));
const numberOf = (text: string) => (text.trim() === '' ? null : Number(text));

/** Null is for good. */
function isLess(one: number | null, other: number | null): boolean {
  return (one ?? Infinity) < (other ?? Infinity);
}
