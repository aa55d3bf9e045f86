import { lazy, type ComponentType } from 'react';
import { probe, untilReached } from './reach.ts';

/**
 * Loads a part of the app. Rejects once the server answers, if it was away: a browser does not ask
 * again for a script that failed, only a page that is loaded anew does.
 */
export async function loadCode<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(await probe())) await untilReached();
    throw error;
  }
}

/** Whether an error is that of a part of the app that could not be loaded; each browser has its words. */
export function isCodeGone(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|module script failed/i.test(error.message)
  );
}

/** A component whose code is loaded when it is first shown. */
export function lazyComponent<P extends object>(load: () => Promise<ComponentType<P>>) {
  return lazy(async () => ({ default: await loadCode(load) }));
}
