import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useLive } from './live.ts';

const SETTLE_MS = 1_500;
const FIGURES: readonly string[] = ['metrics', 'usage', 'queue'];

/** Reads the figures of mail again soon after mail moved, however much of it. Polling is behind it. */
export function useFreshFigures(): void {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const onEmail = useCallback(() => {
    if (document.hidden) return;
    timer.current ??= setTimeout(() => {
      timer.current = undefined;
      void queryClient.invalidateQueries({
        predicate: ({ queryKey: [entity] }) => FIGURES.includes(String(entity)),
      });
    }, SETTLE_MS);
  }, [queryClient]);
  useLive('email', onEmail);
  useEffect(() => () => clearTimeout(timer.current), []);
}
