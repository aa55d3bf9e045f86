import type { ReactNode } from 'react';
import { formatNumber } from '../../lib/format.ts';
import { ShowMore, type More } from './show-more.tsx';
import { ErrorState, Skeleton } from './states.tsx';

type Listed = More & {
  readonly error: unknown;
  readonly isPending: boolean;
  refetch(): unknown;
};

type Props = {
  readonly list: Listed;
  readonly shown: number;
  readonly total: number | null;
  /** What is said of a list with nothing in it. */
  readonly empty: ReactNode;
  readonly children: ReactNode;
};

/** A list as it is loaded, failed, empty or there, with its end or the way to more. */
export function ListBody({ list, shown, total, empty, children }: Props) {
  if (list.isPending) return <Skeleton className="m-5 h-40" />;
  if (list.error !== null && shown === 0) {
    return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  }
  if (shown === 0) return empty;
  return (
    <>
      {children}
      <div className="flex items-center justify-between gap-3 border-t px-5 py-3 text-[13px] text-muted">
        <span>
          {total === null
            ? `${formatNumber(shown)} shown`
            : `${formatNumber(shown)} of ${formatNumber(total)}`}
        </span>
        <ShowMore list={list} />
      </div>
    </>
  );
}
