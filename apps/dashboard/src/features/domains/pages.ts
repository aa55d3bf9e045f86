import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/domains',
    title: 'Domains',
    load: async () => (await import('./components/domains-page.tsx')).DomainsPage,
  },
];
