import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/analytics',
    title: 'Analytics',
    load: async () => (await import('./components/analytics-page.tsx')).AnalyticsPage,
  },
];
