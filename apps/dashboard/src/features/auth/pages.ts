import type { Page } from '../../app/page.ts';

export const pages: readonly Page[] = [
  {
    path: '/login',
    title: 'Log in',
    isPublic: true,
    load: async () => (await import('./components/login-page.tsx')).LoginPage,
  },
  {
    path: '/signup',
    title: 'Sign up',
    isPublic: true,
    load: async () => (await import('./components/signup-page.tsx')).SignupPage,
  },
];
