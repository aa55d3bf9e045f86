import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { Field, FormErrors } from '../../../components/ui/field.tsx';
import { Input } from '../../../components/ui/input.tsx';
import { connectSandbox, sendTestEmail } from '../api/first-steps.ts';
import { connectionsQuery, newestEmailQuery } from '../api/get-metrics.ts';

/** Takes a new account to its first delivered mail. Gone with the next visit after it. */
export function FirstSteps() {
  const connections = useQuery(connectionsQuery);
  const emails = useQuery(newestEmailQuery);
  const [hasSent, setSent] = useState(false);
  if (connections.data === undefined || emails.data === undefined) return null;
  if (connections.data.items.length === 0) return <ConnectStep />;
  if (emails.data.items.length === 0 || hasSent) return <SendStep onSent={() => setSent(true)} />;
  return null;
}

function ConnectStep() {
  const queryClient = useQueryClient();
  const connect = useMutation({
    mutationFn: connectSandbox,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['connections'] }),
  });
  return (
    <Card className="pb-5">
      <CardHeader
        title="First: connect a provider"
        about="The sandbox takes mail as a provider would, and keeps it for you to look at. No account anywhere is needed."
      />
      <div className="flex flex-wrap gap-2 px-5">
        <Button variant="primary" isBusy={connect.isPending} onClick={() => connect.mutate()}>
          Connect the sandbox
        </Button>
        <Button asChild>
          <Link to="/connections">Connect your provider</Link>
        </Button>
      </div>
    </Card>
  );
}

function SendStep({ onSent }: { readonly onSent: () => void }) {
  const queryClient = useQueryClient();
  const [mail, setMail] = useState({ from: 'hello@yourapp.test', to: 'delivered@example.test' });
  const send = useMutation({
    mutationFn: sendTestEmail,
    meta: { showsErrors: true },
    onSuccess: () => {
      onSent();
      return queryClient.invalidateQueries({ queryKey: ['emails', 'newest'] });
    },
  });
  return (
    <Card className="pb-5">
      <CardHeader title="Next: send a test mail" />
      <form
        className="space-y-4 px-5"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate(mail);
        }}
      >
        <FormErrors error={send.error} fields={['from', 'to']} />
        <div className="grid gap-4 sm:grid-cols-2">
          {(['from', 'to'] as const).map((name) => (
            <Field
              key={name}
              label={name === 'from' ? 'From' : 'To'}
              name={name}
              error={send.error}
              {...(name === 'to' && { hint: 'In the sandbox, try bounced@example.test too.' })}
            >
              {(control) => (
                <Input
                  {...control}
                  value={mail[name]}
                  onChange={(event) => setMail({ ...mail, [name]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
        <Button type="submit" variant="primary" isBusy={send.isPending}>
          Send
        </Button>
        {send.data !== undefined && (
          <Link
            to="/emails/$emailId"
            params={{ emailId: send.data.id }}
            className="ml-4 font-medium underline"
          >
            Watch it arrive
          </Link>
        )}
      </form>
    </Card>
  );
}
