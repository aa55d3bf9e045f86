import { Toaster as Sonner } from 'sonner';
import { useTheme } from '../lib/theme.ts';

/** Where toasts show, in the colours of the page. */
export function Toaster() {
  return <Sonner position="bottom-right" richColors closeButton theme={useTheme()} />;
}
