import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/',
    title: 'Overview',
    load: async () => (await import('./components/overview-page.tsx')).OverviewPage,
  },
];
