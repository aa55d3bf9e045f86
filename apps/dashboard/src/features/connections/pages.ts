import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/connections',
    title: 'Connections',
    load: async () => (await import('./components/connections-page.tsx')).ConnectionsPage,
  },
];
