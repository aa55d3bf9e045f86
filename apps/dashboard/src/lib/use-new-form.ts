import { useLocation, useNavigate } from '@tanstack/react-router';

/** In the address, so that the palette and links can open the form, and "back" closes it. */
export const NEW_FORM = 'new';

/** Whether the page's form for a new one is open, and how to open and close it. */
export function useNewForm(): readonly [boolean, (isOpen: boolean) => void] {
  const isOpen = useLocation({ select: ({ hash }) => hash === NEW_FORM });
  const navigate = useNavigate();
  const setOpen = (next: boolean) =>
    void navigate({
      to: '.',
      search: true,
      hash: next ? NEW_FORM : '',
      replace: !next,
      resetScroll: false,
      hashScrollIntoView: false,
    });
  return [isOpen, setOpen];
}
