import { useEffect } from 'react';
import { Toaster as Sonner } from 'sonner';
import { useTheme } from '../lib/theme.ts';
import { noteToaster } from '../lib/toast.ts';

/** Where toasts show, in the colours of the page. */
export function Toaster() {
  useEffect(noteToaster, []);
  return <Sonner position="bottom-right" richColors closeButton theme={useTheme()} />;
}
