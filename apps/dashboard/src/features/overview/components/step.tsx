import { Check, ChevronDown } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { CodeSample } from '../../../components/ui/code-sample.tsx';
import { FormErrors } from '../../../components/ui/field.tsx';
import { cn } from '../../../lib/cn.ts';
import type { Sample } from '../../../lib/samples.ts';
import type { KeyMaker } from './use-key-maker.ts';

type StepProps = {
  readonly number: number;
  readonly title: string;
  readonly isDone: boolean;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
  /** It is being worked with, and stays open when it is done. */
  readonly onUse: () => void;
  readonly children: ReactNode;
};

export function Step({ number, title, isDone, isOpen, onToggle, onUse, children }: StepProps) {
  const id = useId();
  return (
    <li>
      <h3>
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={onToggle}
          className="flex w-full items-center gap-3 px-5 py-3 text-left font-medium hover:bg-sunken"
        >
          <span
            className={cn(
              'flex size-6 shrink-0 items-center justify-center rounded-full border text-xs tabular-nums',
              isDone ? 'border-transparent bg-good-soft text-good' : 'text-muted',
            )}
          >
            {isDone ? <Check className="size-3.5" aria-hidden /> : number}
          </span>
          <span className={cn('flex-1', isDone && !isOpen && 'text-muted')}>
            {title}
            {isDone && <span className="sr-only">, done</span>}
          </span>
          <ChevronDown
            className={cn('size-4 text-muted transition-transform', isOpen && 'rotate-180')}
            aria-hidden
          />
        </button>
      </h3>
      <div id={id} hidden={!isOpen} className="px-5 pb-5 sm:pl-14" onFocus={onUse}>
        {isOpen && children}
      </div>
    </li>
  );
}

type BodyProps = {
  readonly about: ReactNode;
  readonly sample: Sample;
  readonly keys: KeyMaker;
  readonly children: ReactNode;
};

/** What is done here, beside how a program does it. */
export function StepBody({ about, sample, keys, children }: BodyProps) {
  return (
    <div className="grid gap-5 lg:grid-cols-2">
      <div className="min-w-0 space-y-4">
        <p className="text-muted">{about}</p>
        {children}
      </div>
      <div className="min-w-0 space-y-2">
        <CodeSample {...sample} />
        {keys.key === null ? (
          <div className="flex flex-wrap items-center gap-2 text-[13px] text-muted">
            <Button
              size="small"
              isBusy={keys.isPending}
              onClick={() => keys.make('Made with the first steps')}
            >
              Put a key in
            </Button>
            Makes one that may do everything.
            <FormErrors error={keys.error} fields={['name']} />
          </div>
        ) : (
          <p role="status" className="text-[13px] text-muted">
            Your new key is in it. It is shown this once: copy it before you leave the page.
          </p>
        )}
      </div>
    </div>
  );
}
