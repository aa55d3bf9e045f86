import { loadCode } from './load-code.ts';

type Kind = 'success' | 'error';

const wanted = new EventTarget();
let markReady: () => void;
const isReady = new Promise<void>((resolve) => (markReady = resolve));

/** Says something in passing. The library that shows it is no part of the first load. */
export const toast = {
  success: (text: string) => void show('success', text),
  error: (text: string) => void show('error', text),
};

async function show(kind: Kind, text: string): Promise<void> {
  wanted.dispatchEvent(new Event('toast'));
  const [sonner] = await Promise.all([loadCode(() => import('sonner')), isReady]);
  sonner.toast[kind](text);
}

/** Calls back with the first toast, for which there has to be a place. */
export function onFirstToast(listener: () => void): () => void {
  wanted.addEventListener('toast', listener, { once: true });
  return () => wanted.removeEventListener('toast', listener);
}

/** There is a place for toasts now; those said before were waiting for it. */
export const noteToaster = () => markReady();
