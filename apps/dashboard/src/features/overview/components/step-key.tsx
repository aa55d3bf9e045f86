import { useState } from 'react';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { Form } from '../../../components/ui/form.tsx';
import { TextField } from '../../../components/ui/text-field.tsx';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import type { KeyMaker } from './use-key-maker.ts';
import { StepBody } from './step.tsx';

export function KeyStep({ keys }: { readonly keys: KeyMaker }) {
  const [name, setName] = useState('My program');
  return (
    <StepBody
      about="Your program proves with it who it is. Keep it out of your repository."
      sample={sampleOf(sampleCalls.makeKey(name || 'My program'), keys.key)}
      keys={keys}
    >
      {keys.key === null ? (
        <Form
          action="Create the key"
          isPending={keys.isPending}
          error={keys.error}
          onSubmit={() => keys.make(name)}
        >
          <TextField
            label="Name of the key"
            name="name"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        </Form>
      ) : (
        <div className="space-y-2">
          <p>It is shown this once. Keep it where your program reads it.</p>
          <CopyValue label="Copy the key" value={keys.key} />
        </div>
      )}
    </StepBody>
  );
}
