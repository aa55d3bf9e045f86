import type { Account } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PageHeader } from '../../../components/ui/card.tsx';
import { sessionQuery } from '../../../lib/session.ts';

const PARTS = [
  ['/settings', 'Account'],
  ['/settings/sending', 'Sending and storage'],
  ['/settings/audit-log', 'Audit log'],
] as const;

/** What all pages of the settings have around them. */
export function SettingsFrame({ children }: { readonly children: ReactNode }) {
  return (
    <>
      <PageHeader title="Settings" />
      <nav aria-label="Settings" className="mb-6 flex gap-1 overflow-x-auto border-b">
        {PARTS.map(([path, label]) => (
          <Link
            key={path}
            to={path}
            activeOptions={{ exact: true }}
            className="-mb-px border-b-2 border-transparent px-3 py-2 font-medium whitespace-nowrap text-muted hover:text-text data-[status=active]:border-accent data-[status=active]:text-text"
          >
            {label}
          </Link>
        ))}
      </nav>
      <div className="space-y-5">{children}</div>
    </>
  );
}

export function useAccount(): Account | undefined {
  return useQuery(sessionQuery).data?.account;
}
