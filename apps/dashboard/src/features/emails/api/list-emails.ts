import type { Email, EmailStatus } from '@courierx/contract';
import { infiniteQueryOptions, type InfiniteData } from '@tanstack/react-query';
import { getPage, NEWEST, type Page } from '../../../lib/api-client.ts';
import { startOfDay } from '../../../lib/format.ts';

/** What the list is narrowed to; as in the page's URL. `from` and `to` are days of the viewer's. */
export type EmailFilters = {
  readonly status?: EmailStatus;
  readonly recipient?: string;
  readonly tag?: string;
  readonly from?: string;
  readonly to?: string;
  readonly provider?: string;
  readonly provider_connection_id?: string;
};

export type EmailPages = InfiniteData<Page<Email>>;

const PER_PAGE = 100;

export function getEmails(filters: EmailFilters, cursor = NEWEST): Promise<Page<Email>> {
  const { from, to, ...others } = filters;
  const range = {
    ...(from !== undefined && { from: startOfDay(from) }),
    ...(to !== undefined && { to: startOfDay(to, 1) }),
  };
  return getPage('/emails', { query: { ...others, ...range, cursor, per_page: PER_PAGE } });
}

/** Newest first, page after page. What is new is told by `useFreshEmails`. */
export const emailsQuery = (filters: EmailFilters) =>
  infiniteQueryOptions({
    queryKey: ['emails', 'list', filters],
    queryFn: ({ pageParam }) => getEmails(filters, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: Page<Email>) => page.nextCursor ?? undefined,
    // All pages would be read again; the newest are, by `useFreshEmails`.
    staleTime: Infinity,
    gcTime: 0,
    meta: { isKept: true },
  });

/** The pages with what a new reading of the first one tells. */
export function mergeNewest(pages: EmailPages, newest: Page<Email>): EmailPages {
  const known = new Set(pages.pages.flatMap(({ items }) => items.map(({ id }) => id)));
  const read = new Map(newest.items.map((email) => [email.id, email]));
  const added = newest.items.filter(({ id }) => !known.has(id));
  const updated = pages.pages.map((page, index) => {
    const items = page.items.map((email) => read.get(email.id) ?? email);
    return { ...page, items: index === 0 ? [...added, ...items] : items };
  });
  return { ...pages, pages: updated };
}
