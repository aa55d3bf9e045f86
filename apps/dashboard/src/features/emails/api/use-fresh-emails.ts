import type { EmailChange } from '@courierx/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useLive } from '../../../lib/live.ts';
import { onServerBack } from '../../../lib/reach.ts';
import { emailsQuery, getEmails, mergeNewest, type EmailFilters } from './list-emails.ts';

const POLL_MS = 15_000;
const SETTLE_MS = 400;
/** Another page's worth at once is a gap that merging would hide; the list is read anew. */
const PAGE = 100;

/** Keeps a list of emails as it is on the server: by its events, and by polling behind them. */
export function useFreshEmails(filters: EmailFilters): void {
  const queryClient = useQueryClient();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const refresh = useCallback(async () => {
    const { queryKey } = emailsQuery(filters);
    const before = queryClient.getQueryData(queryKey);
    if (before === undefined || document.hidden) return;
    const newest = await getEmails(filters).catch(() => null);
    if (newest === null) return;
    const known = new Set(before.pages[0]?.items.map(({ id }) => id));
    const isGap = newest.items.length >= PAGE && !newest.items.some(({ id }) => known.has(id));
    if (isGap) await queryClient.resetQueries({ queryKey });
    else queryClient.setQueryData(queryKey, (pages) => pages && mergeNewest(pages, newest));
  }, [filters, queryClient]);

  const onEmail = useCallback(
    (change: EmailChange) => {
      queryClient.setQueryData(emailsQuery(filters).queryKey, (data) => {
        if (data === undefined) return data;
        const pages = data.pages.map((page) => {
          if (!page.items.some(({ id }) => id === change.id)) return page;
          const items = page.items.map((email) =>
            email.id === change.id ? { ...email, ...pick(change) } : email,
          );
          return { ...page, items };
        });
        return { ...data, pages };
      });
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void refresh(), SETTLE_MS);
    },
    [filters, queryClient, refresh],
  );
  useLive('email', onEmail);

  useEffect(() => {
    const poll = setInterval(() => void refresh(), POLL_MS);
    const forget = onServerBack(() => void refresh());
    return () => {
      forget();
      clearInterval(poll);
      clearTimeout(timer.current);
    };
  }, [refresh]);
}

function pick({ status, status_reason, sent_at }: EmailChange) {
  return { status, status_reason, sent_at };
}
