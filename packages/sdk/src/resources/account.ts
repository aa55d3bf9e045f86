import { Resource } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';

export type Account = {
  id: string;
  name: string;
  email: string;
  /** What happens to a mail that may have left. */
  onUnknown: 'fail_over' | 'hold' | 'resend';
  /** What happens to a mail whose provider refused the credentials. */
  onAuthFailure: 'stop' | 'fail_over';
  createdAt: string;
};

export type UpdateAccountInput = {
  name?: string | undefined;
  onUnknown?: Account['onUnknown'] | undefined;
  onAuthFailure?: Account['onAuthFailure'] | undefined;
};

/** The account behind the key. */
export class AccountResource extends Resource {
  async get(options?: CallOptions): Promise<Account> {
    const { account } = await this.request<{ account: Account }>(
      { method: 'GET', path: '/auth/me' },
      options,
    );
    return account;
  }

  async update(input: UpdateAccountInput, options?: CallOptions): Promise<Account> {
    const { account } = await this.request<{ account: Account }>(
      { method: 'PATCH', path: '/auth/me', body: input },
      options,
    );
    return account;
  }
}
