import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/emails',
    title: 'Emails',
    load: async () => (await import('./components/emails-page.tsx')).EmailsPage,
  },
  {
    path: '/emails/$emailId',
    title: 'Email',
    load: async () => (await import('./components/email-page.tsx')).EmailPage,
  },
];
