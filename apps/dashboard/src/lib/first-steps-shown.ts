import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
const keyOf = (accountId: string) => `courierx-first-steps-${accountId}`;

/** Whether the first steps of an account were closed in this browser. */
export function useFirstStepsClosed(accountId: string): boolean {
  return useSyncExternalStore(subscribe, () => read(accountId));
}

export function closeFirstSteps(accountId: string, isClosed: boolean): void {
  try {
    if (isClosed) localStorage.setItem(keyOf(accountId), 'closed');
    else localStorage.removeItem(keyOf(accountId));
  } catch {
    // Without storage they come back with the next visit.
  }
  for (const listener of listeners) listener();
}

function read(accountId: string): boolean {
  try {
    return localStorage.getItem(keyOf(accountId)) === 'closed';
  } catch {
    return false;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
