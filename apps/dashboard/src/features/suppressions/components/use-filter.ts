import type { SuppressionReason } from '@courierx/contract';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { REASONS } from '../api/suppressions.ts';

export type Filter = { readonly email?: string; readonly reason?: SuppressionReason };
type Next = {
  readonly email?: string | undefined;
  readonly reason?: SuppressionReason | undefined;
};

/** The filter, which is in the URL. */
export function useFilter() {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const reason = REASONS.find(([name]) => name === search['reason'])?.[0];
  const given = search['email'];
  const email = typeof given === 'string' || typeof given === 'number' ? String(given) : '';
  const filter: Filter = {
    ...(email !== '' && { email }),
    ...(reason !== undefined && { reason }),
  };
  const setFilter = (next: Next) => {
    const filled = Object.entries(next).filter(([, value]) => value !== undefined && value !== '');
    void navigate({ to: '/suppressions', search: Object.fromEntries(filled), replace: true });
  };
  return [filter, setFilter] as const;
}
