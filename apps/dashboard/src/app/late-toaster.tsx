import { lazy, Suspense, useEffect, useState } from 'react';

const Toaster = lazy(async () => ({ default: (await import('./toaster.tsx')).Toaster }));
const USES = ['pointerdown', 'keydown'] as const;

/** The toaster, once somebody uses the page: nothing is told to those who only look. */
export function LateToaster() {
  const [isUsed, setUsed] = useState(false);
  useEffect(() => {
    const onUse = () => setUsed(true);
    for (const use of USES) addEventListener(use, onUse, { once: true, capture: true });
    return () => {
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
