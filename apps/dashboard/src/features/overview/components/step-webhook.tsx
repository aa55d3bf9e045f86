import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import { addWebhook, FIRST_EVENTS } from '../api/first-steps.ts';
import type { KeyMaker } from './use-key-maker.ts';
import { StepBody } from './step.tsx';

const EXAMPLE = 'https://yourapp.com/webhooks/email';

export function WebhookStep({ keys }: { readonly keys: KeyMaker }) {
  const client = useQueryClient();
  const [url, setUrl] = useState('');
  const add = useMutation({
    mutationFn: addWebhook,
    meta: { showsErrors: true },
    onSuccess: () => client.invalidateQueries({ queryKey: ['webhooks'] }),
  });
  return (
    <StepBody
      about="Your program is told as mail is delivered, bounces, is complained of or fails."
      sample={sampleOf(sampleCalls.addWebhook(url || EXAMPLE, FIRST_EVENTS), keys.key)}
      keys={keys}
    >
      <Form
        action="Add the webhook"
        isPending={add.isPending}
        error={add.error}
        onSubmit={() => add.mutate(url)}
      >
        <TextField
          label="URL"
          name="url"
          inputMode="url"
          placeholder={EXAMPLE}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
      </Form>
      {add.data !== undefined && (
        <div role="status" className="space-y-2">
          <p>With this secret it verifies what it is told. It is shown this once.</p>
          <CopyValue label="Copy the secret" value={add.data.secret} />
          <Link to="/webhooks" className="font-medium underline">
            Send it a test
          </Link>
        </div>
      )}
    </StepBody>
  );
}
