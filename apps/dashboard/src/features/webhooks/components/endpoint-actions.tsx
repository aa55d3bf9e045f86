import type { WebhookEndpoint } from '@courierx/contract';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm, Dialog } from '../../../components/ui/dialog.tsx';
import {
  useEditEndpoint,
  useRemoveEndpoint,
  useSwitchOne,
  type useRotateSecret,
} from '../api/webhooks.ts';
import { EndpointForm } from './endpoint-form.tsx';

type Props = {
  readonly endpoint: WebhookEndpoint;
  readonly rotate: ReturnType<typeof useRotateSecret>;
};

export function EndpointActions({ endpoint, rotate }: Props) {
  const { id, url, enabled } = endpoint;
  const toggle = useSwitchOne(id);
  const remove = useRemoveEndpoint(id);
  const navigate = useNavigate();
  return (
    <div className="flex flex-wrap gap-2">
      <Edit endpoint={endpoint} />
      <Button onClick={() => toggle.mutate(!enabled)}>{enabled ? 'Disable' : 'Enable'}</Button>
      <Confirm
        title="Rotate the secret?"
        about="You get a new one. The old one signs beside it for 24 hours, so that nothing is refused until you have put the new one in place."
        action="Rotate"
        onConfirm={() => rotate.mutate()}
      >
        <Button isBusy={rotate.isPending}>Rotate the secret</Button>
      </Confirm>
      <Confirm
        title={`Remove ${url}?`}
        about="It is told nothing more, and its log goes with it."
        action="Remove"
        isDangerous
        onConfirm={() =>
          remove.mutate(undefined, { onSuccess: () => void navigate({ to: '/webhooks' }) })
        }
      >
        <Button variant="danger" isBusy={remove.isPending}>
          Remove
        </Button>
      </Confirm>
    </div>
  );
}

function Edit({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  const [isOpen, setOpen] = useState(false);
  const edit = useEditEndpoint(endpoint.id);
  return (
    <>
      <Button onClick={() => setOpen(true)}>Edit</Button>
      <Dialog title="Edit the endpoint" isOpen={isOpen} onOpenChange={setOpen}>
        <EndpointForm
          action="Save"
          endpoint={endpoint}
          isPending={edit.isPending}
          error={edit.error}
          onSubmit={(fields) => edit.mutate(fields, { onSuccess: () => setOpen(false) })}
        />
      </Dialog>
    </>
  );
}
