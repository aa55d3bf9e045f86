import type { Page } from './page.ts';

/** Every `features/<name>/pages.ts`: a feature is added without a change here. */
const modules = import.meta.glob<{ readonly pages: readonly Page[] }>('../features/*/pages.ts', {
  eager: true,
});

export const pages: readonly Page[] = Object.values(modules).flatMap((module) => module.pages);
