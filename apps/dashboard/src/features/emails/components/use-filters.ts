import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { EmailFilters } from '../api/list-emails.ts';

const NAMES = [
  ...(['status', 'recipient', 'tag', 'from', 'to'] as const),
  ...(['provider', 'provider_connection_id'] as const),
];

/** The filters, which are in the URL: a link shows the same list, and "back" undoes one. */
export function useFilters() {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const key = JSON.stringify(
    Object.fromEntries(
      NAMES.flatMap((name) => {
        const value = search[name];
        const isGiven = typeof value === 'string' || typeof value === 'number';
        return isGiven && value !== '' ? [[name, String(value)]] : [];
      }),
    ),
  );
  const filters = useMemo(() => JSON.parse(key) as EmailFilters, [key]);
  const setFilters = (next: EmailFilters) => void navigate({ to: '/emails', search: next });
  return [filters, setFilters] as const;
}
