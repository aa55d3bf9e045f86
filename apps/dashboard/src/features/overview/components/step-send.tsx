import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import { useTestMail } from '../../../lib/use-test-mail.ts';
import { sendTestEmail, sentEmailQuery } from '../api/first-steps.ts';
import type { KeyMaker } from './use-key-maker.ts';
import { StepBody } from './step.tsx';

export function SendStep({ keys }: { readonly keys: KeyMaker }) {
  const client = useQueryClient();
  const { isSandbox, ...first } = useTestMail();
  const [typed, setTyped] = useState<{ from?: string; to?: string }>({});
  const mail = {
    from: typed.from ?? first.from,
    to: typed.to ?? first.to,
  };
  const send = useMutation({
    mutationFn: sendTestEmail,
    meta: { showsErrors: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['emails', 'newest'] }),
  });
  const sample = sampleCalls.send({ ...mail, from: mail.from || 'hello@yourapp.com' });
  return (
    <StepBody
      about={
        isSandbox
          ? 'The address decides what becomes of it: try bounced@, complained@ or timeout@example.test too.'
          : 'It goes out through your provider. Send from an address that the provider lets you use.'
      }
      sample={sampleOf(sample, keys.key)}
      keys={keys}
    >
      <Form
        action="Send"
        className="grid gap-4 sm:grid-cols-2"
        isPending={send.isPending}
        error={send.error}
        onSubmit={() => send.mutate(mail)}
        note={send.data !== undefined && <Sent id={send.data.id} />}
      >
        {(['from', 'to'] as const).map((name) => (
          <TextField
            key={name}
            label={name === 'from' ? 'From' : 'To'}
            name={name}
            inputMode="email"
            value={mail[name]}
            onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
          />
        ))}
      </Form>
    </StepBody>
  );
}

function Sent({ id }: { readonly id: string }) {
  const { data } = useQuery(sentEmailQuery(id));
  return (
    <span role="status" className="flex flex-wrap items-center gap-3">
      <StatusBadge status={data?.status ?? 'queued'} />
      <Link to="/emails/$emailId" params={{ emailId: id }} className="font-medium underline">
        Watch it arrive
      </Link>
    </span>
  );
}
