import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/routing',
    title: 'Routing',
    load: async () => (await import('./components/routing-page.tsx')).RoutingPage,
  },
];
