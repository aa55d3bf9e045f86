import { useQueryClient } from '@tanstack/react-query';
import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { onServerBack, useIsAway } from '../lib/reach.ts';

/** The server is away: what is shown may be old. Once it is back the page is made new by itself. */
export function AwayBanner() {
  const isAway = useIsAway();
  const queryClient = useQueryClient();
  useEffect(
    () =>
      onServerBack(() => {
        void queryClient.invalidateQueries({ predicate: ({ meta }) => meta?.['isKept'] !== true });
      }),
    [queryClient],
  );
  if (!isAway) return null;
  return (
    <div role="alert" className="mb-5 flex gap-3 rounded-xl bg-warn-soft px-4 py-3 text-warn">
      <CloudOff className="mt-0.5 size-5 shrink-0" aria-hidden />
      <div>
        <p className="font-semibold">The server can’t be reached.</p>
        <p>
          Mail it has taken is safe. What you see here may be old; this page goes on by itself once
          the server is back.
        </p>
      </div>
    </div>
  );
}
