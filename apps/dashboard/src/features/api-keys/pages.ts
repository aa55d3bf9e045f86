import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/api-keys',
    title: 'API keys',
    load: async () => (await import('./components/api-keys-page.tsx')).ApiKeysPage,
  },
];
