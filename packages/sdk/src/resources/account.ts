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
  /** Live mail is taken only from a verified domain, or one below it. */
  requireVerifiedDomain: boolean;
  /** Days that emails are kept; null: all. */
  retentionDays: number | null;
  /** Days that bodies and attachments are kept; null: all. */
  contentRetentionDays: number | null;
  createdAt: string;
};

export type UpdateAccountInput = {
  name?: string | undefined;
  onUnknown?: Account['onUnknown'] | undefined;
  onAuthFailure?: Account['onAuthFailure'] | undefined;
  requireVerifiedDomain?: boolean | undefined;
  retentionDays?: number | null | undefined;
  contentRetentionDays?: number | null | undefined;
  /** Needs `currentPassword`, as `password` does. */
  email?: string | undefined;
  /** Ends every session of the account; API keys stay. */
  password?: string | undefined;
  passwordConfirmation?: string | undefined;
  currentPassword?: string | undefined;
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

  /** Deletes the account with everything in it. There is no way back. */
  delete(input: { password: string }, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: '/auth/me', body: input }, options);
  }
}
