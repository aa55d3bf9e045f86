import { Dialog as Radix } from 'radix-ui';
import { useRef, type ReactNode } from 'react';

type Props = { readonly onClose: () => void; readonly children: ReactNode };

/** The navigation over the page. At its end the focus is where it was. */
export function MobileMenu({ onClose, children }: Props) {
  const before = useRef(document.activeElement);
  return (
    <Radix.Root open onOpenChange={onClose}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          aria-describedby={undefined}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (before.current instanceof HTMLElement) before.current.focus();
          }}
          className="fixed inset-y-0 left-0 z-50 flex w-72 flex-col border-r bg-surface"
        >
          <Radix.Title className="sr-only">Menu</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
