import type { ComponentType } from 'react';

/** A page of a feature; `features/<name>/pages.ts` lists them. */
export type Page = {
  /** As TanStack Router writes it: `/emails/$emailId`. */
  readonly path: string;
  /** Of the browser's tab. */
  readonly title: string;
  /** Loads the page's code when it is first opened. */
  readonly load: () => Promise<ComponentType>;
  /** Shown without a session and without the navigation. */
  readonly isPublic?: true;
};
