import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/sandbox',
    title: 'Sandbox inbox',
    load: async () => (await import('./components/sandbox-page.tsx')).SandboxPage,
  },
];
