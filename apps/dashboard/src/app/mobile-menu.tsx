import type { ReactNode } from 'react';
import { Overlay } from './overlay.tsx';

type Props = { readonly onClose: () => void; readonly children: ReactNode };

/** The navigation over the page. */
export function MobileMenu({ onClose, children }: Props) {
  return (
    <Overlay
      title="Menu"
      className="inset-y-0 left-0 flex w-72 flex-col border-r"
      onClose={onClose}
    >
      {children}
    </Overlay>
  );
}
