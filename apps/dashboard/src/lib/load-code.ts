import { lazy, type ComponentType } from 'react';
import { probe, untilReached } from './reach.ts';

/** A line that broke for a moment is no reason to give up. */
const TRIES = 2;

/**
 * Loads a part of the app. While the server is away it waits; rejects where the server answers, but
 * has the part no more: it was updated since the page was opened.
 */
export async function loadCode<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await load();
    } catch (error) {
      if (await probe()) {
        if (tries >= TRIES) throw error;
      } else {
        await untilReached();
        tries = 0;
      }
    }
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
