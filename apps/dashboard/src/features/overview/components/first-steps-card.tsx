import { X } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
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
      <Header count={count} onClose={() => closeFirstSteps(accountId, true)} />
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

type HeaderProps = { readonly count: number; readonly onClose: () => void };

function Header({ count, onClose }: HeaderProps) {
  const isDone = count === STEPS.length;
  return (
    <header className="flex items-start justify-between gap-3 px-5 pt-4 pb-3">
      <div>
        <h2 className="text-[15px] font-semibold">{isDone ? 'You are set up' : 'First steps'}</h2>
        <p className="text-muted">
          {isDone
            ? 'All five are done. This goes when you close it.'
            : `${count} of ${STEPS.length} done. Each is done right here, or by your program.`}
        </p>
      </div>
      <Button
        variant="ghost"
        size="icon"
        aria-label="Close the first steps"
        title="Close; Settings brings them back"
        onClick={onClose}
      >
        <X />
      </Button>
    </header>
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
