import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import { addDomain } from '../api/first-steps.ts';
import type { KeyMaker } from './use-key-maker.ts';
import { StepBody } from './step.tsx';

export function DomainStep({ keys }: { readonly keys: KeyMaker }) {
  const client = useQueryClient();
  const [domain, setDomain] = useState('');
  const add = useMutation({
    mutationFn: addDomain,
    meta: { showsErrors: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['domains'] }),
  });
  const record = add.data?.dns_records.find(({ purpose }) => purpose === 'ownership');
  return (
    <StepBody
      about="Shows that the domain is yours, and tells which DNS records your providers need so that your mail is trusted."
      sample={sampleOf(sampleCalls.addDomain(domain || 'mail.yourapp.com'), keys.key)}
      keys={keys}
    >
      <Form
        action="Add the domain"
        isPending={add.isPending}
        error={add.error}
        onSubmit={() => add.mutate(domain)}
      >
        <TextField
          label="Domain"
          name="domain"
          placeholder="mail.yourapp.com"
          value={domain}
          onChange={(event) => setDomain(event.target.value)}
        />
      </Form>
      {record !== undefined && (
        <div role="status" className="space-y-2">
          <p>Enter this {record.type} record in your DNS. We look for it by ourselves.</p>
          <CopyValue label="Copy the record’s name" value={record.name} />
          {record.value !== null && (
            <CopyValue label="Copy the record’s value" value={record.value} />
          )}
          <Link to="/domains" className="font-medium underline">
            All its records
          </Link>
        </div>
      )}
    </StepBody>
  );
}
