import { CircleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../../lib/api-client.ts';
import { isCodeGone } from '../../lib/load-code.ts';
import { cn } from '../../lib/cn.ts';
import { Button } from './button.tsx';

type EmptyProps = {
  readonly icon: LucideIcon;
  readonly title: string;
  /** What to do now. */
  readonly children?: ReactNode;
};

export function EmptyState({ icon: Icon, title, children }: EmptyProps) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <div className="rounded-xl bg-sunken p-3 text-muted">
        <Icon className="size-6" aria-hidden />
      </div>
      <p className="text-[15px] font-semibold">{title}</p>
      <div className="max-w-md space-y-4 text-muted">{children}</div>
    </div>
  );
}

/** What happened, and what to do. */
export function ErrorState({
  error,
  onRetry,
}: {
  readonly error: unknown;
  readonly onRetry?: () => void;
}) {
  const { title, advice } = describeError(error);
  return (
    <div role="alert" className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <CircleAlert className="size-8 text-bad" aria-hidden />
      <p className="text-[15px] font-semibold">{title}</p>
      <p className="max-w-md text-muted">{advice}</p>
      {error instanceof ApiError ? (
        onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>
      ) : (
        <Button onClick={() => location.reload()}>Load it again</Button>
      )}
    </div>
  );
}

function describeError(error: unknown): { title: string; advice: string } {
  if (isCodeGone(error)) {
    return {
      title: 'A part of this page can’t be loaded.',
      advice: 'CourierX may have been updated since you opened it.',
    };
  }
  if (!(error instanceof ApiError)) {
    return {
      title: 'This page failed.',
      advice: 'Load it again. If that does not help, log out and in.',
    };
  }
  if (error.status === 0) {
    return {
      title: 'The server can’t be reached.',
      advice: 'Mail it has taken is safe. Check that it runs and that you are online.',
    };
  }
  if (error.status === 404) {
    return { title: 'It is not here.', advice: 'It may have been deleted, or the link is wrong.' };
  }
  if (error.status >= 400 && error.status < 500 && error.status !== 429) {
    return { title: 'The server can’t answer that.', advice: `${error.errors.join('. ')}.` };
  }
  const id = error.requestId === null ? '' : ` Request ${error.requestId}.`;
  return { title: error.message, advice: `Try again in a moment.${id}` };
}

export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <div aria-hidden data-loading className={cn('animate-pulse rounded-md bg-sunken', className)} />
  );
}
