import type { WebhookEndpoint } from '@courierx/contract';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { CheckField } from '../../../components/ui/check-field.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { formatNumber } from '../../../lib/format.ts';
import { useReplay } from '../api/webhooks.ts';

/** Sends again what was missed, or what happened in a time. */
export function ReplayDialog({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const [isOpen, setOpen] = useState(false);
  const missed = useReplay(endpoint.id);
  const range = useReplay(endpoint.id);
  const open = (next: boolean) => {
    setOpen(next);
    missed.reset();
    range.reset();
  };
  const submit = ({ from, to, missed: isMissed }: Record<string, string>) =>
    range.mutate({
      ...(from !== undefined && { from: new Date(from).toISOString() }),
      ...(to !== undefined && { to: new Date(to).toISOString() }),
      ...(isMissed !== undefined && { missed: true }),
    });
  return (
    <>
      <Button size="small" disabled={!endpoint.enabled} onClick={() => open(true)}>
        Replay many
      </Button>
      <Dialog
        title="Replay deliveries"
        about="Under the same webhook-id, so that your program can tell what it has seen."
        isOpen={isOpen}
        onOpenChange={open}
      >
        <div className="space-y-5">
          <div className="space-y-2">
            <p>All that never succeeded, of the last 30 days.</p>
            <div className="flex items-center gap-3">
              <Button
                variant="primary"
                isBusy={missed.isPending}
                onClick={() => missed.mutate({ missed: true })}
              >
                Replay all missed
              </Button>
              <Replayed count={missed.data?.replayed} />
            </div>
            {missed.error !== null && (
              <p role="alert" className="text-bad">
                {missed.error.message}
              </p>
            )}
          </div>
          <div className="border-t pt-4">
            <Form
              action="Replay the range"
              isPending={range.isPending}
              error={range.error}
              onSubmit={submit}
              note={<Replayed count={range.data?.replayed} />}
            >
              <p>Or what happened in a time, also what succeeded.</p>
              <div className="grid gap-4 sm:grid-cols-2">
                <TextField label="From" name="from" type="datetime-local" required />
                <TextField label="To" name="to" type="datetime-local" required />
              </div>
              <CheckField label="Only what was missed" name="missed" />
            </Form>
          </div>
        </div>
      </Dialog>
    </>
  );
}

function Replayed({ count }: { readonly count: number | undefined }) {
  if (count === undefined) return null;
  return (
    <span role="status">
      {count === 0 ? 'There is nothing to send.' : `${formatNumber(count)} on their way.`}
    </span>
  );
}
