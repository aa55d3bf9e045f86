import { X } from 'lucide-react';
import { AlertDialog as RadixAlert, Dialog as RadixDialog } from 'radix-ui';
import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';
import { Button } from './button.tsx';

const overlay = 'fixed inset-0 z-40 bg-black/50';
const panel =
  'fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 -translate-y-1/2 scroll-pb-20 overflow-y-auto rounded-xl border bg-surface p-5 shadow-xl';

type DialogProps = {
  readonly title: string;
  readonly about?: string;
  /** For what is read rather than filled in. */
  readonly isWide?: boolean;
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly children: ReactNode;
};

export function Dialog(props: DialogProps) {
  const { title, about, isWide, isOpen, onOpenChange, children } = props;
  return (
    <RadixDialog.Root open={isOpen} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className={overlay} />
        <RadixDialog.Content
          className={cn(panel, isWide === true && 'max-w-3xl')}
          onOpenAutoFocus={focusFirstField}
          {...(about === undefined && { 'aria-describedby': undefined })}
        >
          <div className="mb-4 flex items-start justify-between gap-4">
            <div className="min-w-0 wrap-anywhere">
              <RadixDialog.Title className="text-lg font-semibold">{title}</RadixDialog.Title>
              {about !== undefined && (
                <RadixDialog.Description className="text-muted">{about}</RadixDialog.Description>
              )}
            </div>
            <RadixDialog.Close asChild>
              <Button variant="ghost" size="icon" aria-label="Close">
                <X />
              </Button>
            </RadixDialog.Close>
          </div>
          {children}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

/** Else the focus is on the button that closes it. */
function focusFirstField(event: Event): void {
  const field = (event.currentTarget as HTMLElement).querySelector<HTMLElement>(
    'input, select, textarea',
  );
  if (field === null) return;
  event.preventDefault();
  field.focus();
}

type ConfirmProps = {
  readonly title: string;
  /** What will be so afterwards. */
  readonly about: string;
  readonly action: string;
  readonly isDangerous?: boolean;
  readonly onConfirm: () => void;
  /** The button that asks. */
  readonly children: ReactNode;
};

export function Confirm(props: ConfirmProps) {
  const { title, about, action, isDangerous, onConfirm, children } = props;
  return (
    <RadixAlert.Root>
      <RadixAlert.Trigger asChild>{children}</RadixAlert.Trigger>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={overlay} />
        <RadixAlert.Content className={panel}>
          <RadixAlert.Title className="text-lg font-semibold wrap-anywhere">
            {title}
          </RadixAlert.Title>
          <RadixAlert.Description className="mt-1 text-muted">{about}</RadixAlert.Description>
          <div className="mt-5 flex justify-end gap-2">
            <RadixAlert.Cancel asChild>
              <Button>Cancel</Button>
            </RadixAlert.Cancel>
            <RadixAlert.Action asChild>
              <Button variant={isDangerous === true ? 'danger' : 'primary'} onClick={onConfirm}>
                {action}
              </Button>
            </RadixAlert.Action>
          </div>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
