import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/settings',
    title: 'Settings',
    load: async () => (await import('./components/settings-page.tsx')).SettingsPage,
  },
];
