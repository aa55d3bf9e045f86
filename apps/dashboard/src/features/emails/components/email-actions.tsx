import type { EmailDetail } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { RotateCw } from 'lucide-react';
import { Button } from '../../../components/ui/button.tsx';
import { Confirm } from '../../../components/ui/dialog.tsx';
import { toast } from '../../../lib/toast.ts';
import { releaseEmail, sendAgain } from '../api/get-email.ts';

export function EmailActions({ email }: { readonly email: EmailDetail }) {
  const isHeld = email.attempts.at(-1)?.outcome === 'unknown' && email.status === 'queued';
  return isHeld ? <Release email={email} /> : <SendAgain email={email} />;
}

function SendAgain({ email }: { readonly email: EmailDetail }) {
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: () => sendAgain(email),
    onSuccess: async ({ id }) => {
      toast.success('Sent again, as a new mail.');
      await navigate({ to: '/emails/$emailId', params: { emailId: id } });
    },
  });
  const canSend = email.html_body !== null || email.text_body !== null;
  return (
    <Confirm
      title="Send it again?"
      about={`A new mail goes to all its recipients (${email.recipients.length}).`}
      action="Send again"
      onConfirm={() => again.mutate()}
    >
      <Button isBusy={again.isPending} disabled={!canSend}>
        <RotateCw aria-hidden /> Send again
      </Button>
    </Confirm>
  );
}

function Release({ email }: { readonly email: EmailDetail }) {
  const queryClient = useQueryClient();
  const release = useMutation({
    mutationFn: (action: 'resend' | 'give_up') => releaseEmail(email.id, action),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ['emails', 'one'] }),
  });
  return (
    <>
      <Button isBusy={release.isPending} onClick={() => release.mutate('give_up')}>
        Give up
      </Button>
      <Confirm
        title="Send it once more?"
        about="It may have been sent already: the provider did not say. The receiver may get two."
        action="Send once more"
        onConfirm={() => release.mutate('resend')}
      >
        <Button variant="primary">Send once more</Button>
      </Confirm>
    </>
  );
}
