import type { Account, AccountAnswer, UpdateAccountRequest } from '@courierx/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { callApi } from '../../../lib/api-client.ts';
import { sessionQuery } from '../../../lib/session.ts';
import { useOptimistic } from '../../../lib/use-optimistic.ts';

/** A change that a form asks for, which shows what is wrong with it. */
export function useUpdateAccount() {
  const client = useQueryClient();
  return useMutation({
    meta: { showsErrors: true },
    mutationFn: (body: UpdateAccountRequest) =>
      callApi<AccountAnswer>('PATCH', '/auth/me', { body }),
    onSuccess: async ({ account }) => {
      client.setQueryData(sessionQuery.queryKey, { account });
      await client.invalidateQueries({ queryKey: ['audit-log'] });
    },
  });
}

export type Policy = Partial<
  Pick<Account, 'on_unknown' | 'on_auth_failure' | 'require_verified_domain'>
>;

/** A choice that holds at once. */
export function useSetPolicy() {
  return useOptimistic<AccountAnswer, Policy>({
    queryKey: ['session'],
    save: (body) => callApi<AccountAnswer>('PATCH', '/auth/me', { body }),
    apply: ({ account }, policy) => ({ account: { ...account, ...policy } }),
  });
}

export function useDeleteAccount() {
  return useMutation({
    meta: { showsErrors: true },
    mutationFn: (password: string) =>
      callApi<undefined>('DELETE', '/auth/me', { body: { password } }),
    // A new page: nothing of the account stays in memory.
    onSuccess: () => location.assign('/login'),
  });
}
