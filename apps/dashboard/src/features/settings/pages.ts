import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/settings',
    title: 'Settings',
    load: async () => (await import('./components/account-page.tsx')).AccountPage,
  },
  {
    path: '/settings/sending',
    title: 'Sending and storage',
    load: async () => (await import('./components/sending-page.tsx')).SendingPage,
  },
  {
    path: '/settings/audit-log',
    title: 'Audit log',
    load: async () => (await import('./components/audit-log-page.tsx')).AuditLogPage,
  },
];
