import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Select } from '../../../components/ui/input.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { useSendTest } from '../api/webhooks.ts';
import { ACCOUNT_EVENTS, EMAIL_EVENTS } from './event-words.ts';

export function TestSender({ id }: { readonly id: string }) {
  const [event, setEvent] = useState('delivered');
  const test = useSendTest(id);
  return (
    <Section title="Try it">
      <div className="flex flex-wrap items-center gap-2">
        <Select
          aria-label="Event of the test"
          className="w-auto"
          value={event}
          onChange={(change) => setEvent(change.target.value)}
        >
          {[...EMAIL_EVENTS, ...ACCOUNT_EVENTS].map(([name]) => (
            <option key={name}>{name}</option>
          ))}
        </Select>
        <Button isBusy={test.isPending} onClick={() => test.mutate({ event })}>
          Send a test
        </Button>
        {test.isSuccess && <span role="status">It is in the log below.</span>}
      </div>
    </Section>
  );
}
