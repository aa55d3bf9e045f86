import { keepPreviousData, useInfiniteQuery, type InfiniteData } from '@tanstack/react-query';
import { getPage, type Page, type Query } from './api-client.ts';

const PER_PAGE = 50;

export type Pages<T> = InfiniteData<Page<T>, number>;

type Options = {
  readonly key: readonly unknown[];
  readonly path: string;
  readonly query?: Query;
  readonly refetchMs?: number;
};

/** A list that the API gives page by page: its rows so far, and how to get more. */
export function usePages<T extends { readonly id: string }>(options: Options) {
  const { key, path, query = {}, refetchMs } = options;
  const list = useInfiniteQuery({
    queryKey: [...key, query],
    initialPageParam: 1,
    queryFn: ({ pageParam: page, signal }) =>
      getPage<T>(path, { query: { ...query, per_page: PER_PAGE, page }, signal }),
    getNextPageParam: ({ total }, pages) =>
      total !== null && pages.length * PER_PAGE < total ? pages.length + 1 : undefined,
    placeholderData: keepPreviousData,
    ...(refetchMs !== undefined && { refetchInterval: refetchMs }),
  });
  const all = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return {
    // What came in since the first page was read moves rows onto the next one.
    rows: [...new Map(all.map((row) => [row.id, row])).values()],
    total: list.data?.pages[0]?.total ?? null,
    list,
  };
}

/** The pages with each list of rows replaced. */
export function mapPages<T>(
  { pages, pageParams }: Pages<T>,
  change: (items: readonly T[]) => readonly T[],
): Pages<T> {
  return { pageParams, pages: pages.map((page) => ({ ...page, items: change(page.items) })) };
}
