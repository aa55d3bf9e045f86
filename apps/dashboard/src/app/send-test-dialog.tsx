import type { Email } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Dialog } from '../components/ui/dialog.tsx';
import { Form } from '../components/ui/form.tsx';
import { TextField } from '../components/ui/text-field.tsx';
import { callApi } from '../lib/api-client.ts';
import { useTestMail } from '../lib/use-test-mail.ts';

const TEXT = 'It works: this mail went the way your mail goes.';

/** Sends one mail from anywhere, and goes to look at it. */
export function SendTestDialog({ onClose }: { readonly onClose: () => void }) {
  const { isSandbox, from, to } = useTestMail();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const send = useMutation({
    meta: { showsErrors: true },
    mutationFn: (fields: Readonly<Record<string, string>>) =>
      callApi<Email>('POST', '/emails', {
        body: { ...fields, text: TEXT, html: `<p>${TEXT}</p>`, tags: ['test'] },
      }),
    onSuccess: async ({ id }) => {
      onClose();
      void queryClient.invalidateQueries({ queryKey: ['emails', 'newest'] });
      await navigate({ to: '/emails/$emailId', params: { emailId: id } });
    },
  });
  return (
    <Dialog title="Send a test mail" isOpen onOpenChange={onClose}>
      <Form
        action="Send"
        isPending={send.isPending}
        error={send.error}
        onSubmit={(fields) => send.mutate(fields)}
      >
        <TextField
          label="From"
          name="from"
          defaultValue={from}
          placeholder="hello@yourapp.com"
          {...(!isSandbox && { hint: 'An address that your provider lets you use.' })}
        />
        <TextField
          label="To"
          name="to"
          defaultValue={to}
          {...(isSandbox && {
            hint: 'The address decides what becomes of it: try bounced@example.test, too.',
          })}
        />
        <TextField label="Subject" name="subject" defaultValue="Hello from CourierX" />
      </Form>
    </Dialog>
  );
}
