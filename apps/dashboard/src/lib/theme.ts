import { useSyncExternalStore } from 'react';

const KEY = 'courierx-theme';
export type Theme = 'light' | 'dark' | 'system';

const listeners = new Set<() => void>();
const system = matchMedia('(prefers-color-scheme: dark)');

system.addEventListener('change', apply);

export function setTheme(theme: Theme): void {
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Without storage it holds until the page is left.
  }
  apply();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readTheme);
}

function readTheme(): Theme {
  try {
    const chosen = localStorage.getItem(KEY);
    return chosen === 'dark' || chosen === 'light' ? chosen : 'system';
  } catch {
    return 'system';
  }
}

function apply(): void {
  const theme = readTheme();
  const isDark = theme === 'dark' || (theme === 'system' && system.matches);
  document.documentElement.classList.toggle('dark', isDark);
  for (const listener of listeners) listener();
}
