import { lazy, Suspense, useEffect, useState } from 'react';
import { loadCode } from '../lib/load-code.ts';
import { onFirstToast } from '../lib/toast.ts';

/** Without toasts the page is still of use. */
const Toaster = lazy(async () => {
  const code = await loadCode(() => import('./toaster.tsx')).catch(() => null);
  return { default: code?.Toaster ?? (() => null) };
});
/** Before anything is asked for, so that it is there for the answer. */
const USES = ['pointermove', 'pointerdown', 'keydown'] as const;

/** The toaster, once somebody uses the page: nothing is told to those who only look. */
export function LateToaster() {
  const [isUsed, setUsed] = useState(false);
  useEffect(() => {
    const onUse = () => setUsed(true);
    const forget = onFirstToast(onUse);
    for (const use of USES) addEventListener(use, onUse, { once: true, capture: true });
    return () => {
      forget();
      for (const use of USES) removeEventListener(use, onUse, { capture: true });
    };
  }, []);
  if (!isUsed) return null;
  return (
    <Suspense>
      <Toaster />
    </Suspense>
  );
}
