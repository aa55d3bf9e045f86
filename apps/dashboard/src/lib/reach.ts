import { useSyncExternalStore } from 'react';

const PROBE_FIRST_MS = 1_000;
const PROBE_MOST_MS = 10_000;

let isAway = false;
const listeners = new Set<() => void>();

/** Says whether the server answered. While it does not, it is asked until it does. */
export function noteReach(isReached: boolean): void {
  if (isAway !== isReached) return;
  isAway = !isReached;
  if (isAway) probeLater(PROBE_FIRST_MS);
  for (const listener of listeners) listener();
}

/** Whether the server can't be reached at present. */
export function useIsAway(): boolean {
  return useSyncExternalStore(onReachChange, () => isAway);
}

/** Calls back when the server answers again. */
export function onServerBack(listener: () => void): () => void {
  return onReachChange(() => {
    if (!isAway) listener();
  });
}

function onReachChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function probeLater(delayMs: number): void {
  setTimeout(() => {
    if (!isAway) return;
    void isReady().then((isThere) => {
      if (isThere) noteReach(true);
      else probeLater(Math.min(delayMs * 1.5, PROBE_MOST_MS));
    });
  }, delayMs);
}

/** Asks now; by what it says the page knows. */
export async function probe(): Promise<boolean> {
  const isReached = await isReady();
  noteReach(isReached);
  return isReached;
}

/** Resolves once the server answers; at once, if it does. */
export function untilReached(): Promise<void> {
  if (!isAway) return Promise.resolve();
  return new Promise((resolve) => {
    const forget = onServerBack(() => {
      forget();
      resolve();
    });
  });
}

async function isReady(): Promise<boolean> {
  const answer = await fetch('/health/ready', { cache: 'no-store' }).catch(() => null);
  return answer?.ok === true;
}
