import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/suppressions',
    title: 'Suppressions',
    load: async () => (await import('./components/suppressions-page.tsx')).SuppressionsPage,
  },
  {
    path: '/suppressions/import',
    title: 'Import suppressions',
    load: async () => (await import('./components/import-page.tsx')).ImportPage,
  },
];
