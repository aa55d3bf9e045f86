import { X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card, CardHeader } from '../../../components/ui/card.tsx';
import { Progress } from '../../../components/ui/progress.tsx';
import { closeFirstSteps } from '../../../lib/first-steps-shown.ts';
import { STEPS, type Done, type StepName } from './step-names.ts';
import { Step } from './step.tsx';
import { ConnectStep } from './step-connect.tsx';
import { DomainStep } from './step-domain.tsx';
import { KeyStep } from './step-key.tsx';
import { SendStep } from './step-send.tsx';
import { WebhookStep } from './step-webhook.tsx';
import { useKeyMaker, type KeyMaker } from './use-key-maker.ts';

const TITLES: Readonly<Record<StepName, string>> = {
  connect: 'Connect a provider',
  send: 'Send a test mail',
  domain: 'Add the domain you send from',
  key: 'Create an API key',
  webhook: 'Add a webhook',
};

type Props = { readonly accountId: string; readonly done: Done };

export function FirstStepsCard({ accountId, done }: Props) {
  const next = STEPS.find((step) => !done[step]) ?? null;
  // Null: the next one; what was just done stays open, to be looked at.
  const [chosen, setChosen] = useState<StepName | 'none' | null>(null);
  const open = chosen ?? next;
  const keys = useKeyMaker();
  const steps = stepsOf(keys);
  const count = STEPS.filter((step) => done[step]).length;
  return (
    <Card aria-label="First steps">
      <CardHeader
        title={next === null ? 'You are set up' : 'First steps'}
        about={
          next === null
            ? 'All five are done. This goes when you close it.'
            : `${count} of ${STEPS.length} done. Each is done right here, or by your program.`
        }
        actions={
          <Button
            variant="ghost"
            size="icon"
            aria-label="Close the first steps"
            title="Close; Settings brings them back"
            onClick={() => closeFirstSteps(accountId, true)}
          >
            <X />
          </Button>
        }
      />
      <div className="px-5 pb-3">
        <Progress label="First steps done" share={count / STEPS.length} />
      </div>
      <ol className="divide-y border-t">
        {STEPS.map((step, at) => (
          <Step
            key={step}
            number={at + 1}
            title={TITLES[step]}
            isDone={done[step]}
            isOpen={open === step}
            onToggle={() => setChosen(open === step ? 'none' : step)}
            // Once a provider is there, nothing is left to see of it; the others show what they made.
            onUse={() => step !== 'connect' && setChosen(step)}
          >
            {steps[step]}
          </Step>
        ))}
      </ol>
    </Card>
  );
}

function stepsOf(keys: KeyMaker): Readonly<Record<StepName, ReactNode>> {
  return {
    connect: <ConnectStep keys={keys} />,
    send: <SendStep keys={keys} />,
    domain: <DomainStep keys={keys} />,
    key: <KeyStep keys={keys} />,
    webhook: <WebhookStep keys={keys} />,
  };
}
