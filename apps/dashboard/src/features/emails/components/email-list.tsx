import type { Email } from '@courierx/contract';
import { Link } from '@tanstack/react-router';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { StatusBadge } from '../../../components/ui/badge.tsx';
import { Time } from '../../../components/ui/time.tsx';

const ROW_PX = 64;
/** So many rows from the end, the next page is read. */
const AHEAD = 40;

type Props = {
  readonly emails: readonly Email[];
  readonly hasMore: boolean;
  readonly onMore: () => void;
};

/** Of a long list only the rows in sight are in the page. */
export function EmailList({ emails, hasMore, onMore }: Props) {
  const list = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  useLayoutEffect(() => setTop(list.current?.offsetTop ?? 0), []);
  const rows = useWindowVirtualizer({
    count: emails.length,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => emails[index]?.id ?? index,
    overscan: 12,
    scrollMargin: top,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last > emails.length - AHEAD) onMore();
  }, [hasMore, last, emails.length, onMore]);
  return (
    <ul ref={list} aria-label="Emails" className="relative" style={{ height: rows.getTotalSize() }}>
      {items.map(({ key, index, start }) => {
        const email = emails[index];
        return (
          email !== undefined && (
            <li
              key={key}
              aria-setsize={hasMore ? -1 : emails.length}
              aria-posinset={index + 1}
              className="absolute inset-x-0 top-0 border-b"
              style={{ height: ROW_PX, transform: `translateY(${start - top}px)` }}
            >
              <Row email={email} />
            </li>
          )
        );
      })}
    </ul>
  );
}

function Row({ email }: { readonly email: Email }) {
  const more = email.recipients.length - 1;
  return (
    <Link
      to="/emails/$emailId"
      params={{ emailId: email.id }}
      className="grid h-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 px-4 hover:bg-sunken focus-visible:-outline-offset-2 sm:px-5 lg:grid-cols-[7rem_minmax(0,1fr)_minmax(0,1.4fr)_8rem]"
    >
      <span className="max-lg:order-2 max-lg:justify-self-end">
        <StatusBadge status={email.status} />
      </span>
      <span className="truncate font-medium max-lg:order-1">
        {email.to_email}
        {more > 0 && <span className="text-muted"> +{more}</span>}
      </span>
      <span className="flex min-w-0 items-center gap-2 text-muted max-lg:order-3">
        <span className="truncate">{email.subject}</span>
        {email.tags.slice(0, 2).map((tag) => (
          <span
            key={tag}
            className="max-w-32 shrink-0 truncate rounded bg-sunken px-1.5 text-xs max-lg:hidden"
          >
            {tag}
          </span>
        ))}
      </span>
      <span className="text-right text-[13px] text-muted max-lg:order-4">
        <Time value={email.created_at} />
      </span>
    </Link>
  );
}
