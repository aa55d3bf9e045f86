import type { WebhookEndpoint } from '@courierx/contract';
import { useState } from 'react';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import type { EndpointFields } from '../api/webhooks.ts';
import { EventPicker } from './event-picker.tsx';

type Props = {
  readonly action: string;
  /** What is changed; none: a new one. */
  readonly endpoint?: WebhookEndpoint;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onSubmit: (fields: EndpointFields) => void;
};

export function EndpointForm({ action, endpoint, isPending, error, onSubmit }: Props) {
  const [events, setEvents] = useState<ReadonlySet<string>>(new Set(endpoint?.events));
  return (
    <Form
      action={action}
      isPending={isPending}
      error={error}
      onSubmit={({ url = '', description }) =>
        onSubmit({ url, description: description ?? null, events: [...events] })
      }
    >
      <TextField
        label="URL"
        name="url"
        type="url"
        placeholder="https://yourapp.com/webhooks/email"
        defaultValue={endpoint?.url}
        required
      />
      <TextField
        label="Description"
        name="description"
        defaultValue={endpoint?.description ?? ''}
      />
      <EventPicker events={events} onChange={setEvents} />
    </Form>
  );
}
