import type { ConnectionChange, EmailChange } from '@courierx/contract';
import { useEffect } from 'react';
import { urlOf } from './api-client.ts';
import { onServerBack, probe } from './reach.ts';

type Changes = { readonly email: EmailChange; readonly connection: ConnectionChange };
type Kind = keyof Changes;

/** Kept so long without users: from page to page it is the same line. */
const LINGER_MS = 10_000;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 60_000;

const KINDS: readonly Kind[] = ['email', 'connection'];
const listeners: { readonly [K in Kind]: Set<(change: Changes[K]) => void> } = {
  email: new Set(),
  connection: new Set(),
};

let source: EventSource | null = null;
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Calls back with each change as the server tells of it. One line serves the whole app. */
export function useLive<K extends Kind>(kind: K, onChange: (change: Changes[K]) => void): void {
  useEffect(() => {
    listeners[kind].add(onChange);
    if (source === null && timer === undefined) open();
    return () => {
      listeners[kind].delete(onChange);
      if (!isUsed()) setTimeout(closeUnused, LINGER_MS);
    };
  }, [kind, onChange]);
}

onServerBack(() => {
  if (source === null && isUsed()) open();
});

const isUsed = () => KINDS.some((kind) => listeners[kind].size > 0);

function open(): void {
  stopTimer();
  const line = new EventSource(urlOf('/stream'));
  source = line;
  line.addEventListener('open', () => (failures = 0));
  line.addEventListener('error', () => {
    void probe();
    // It connects again by itself, unless it was answered by something else than events.
    if (line.readyState === EventSource.CLOSED) openLater();
  });
  for (const kind of KINDS) listen(line, kind);
}

function listen(line: EventSource, kind: Kind): void {
  line.addEventListener(kind, ({ data }: MessageEvent<string>) => {
    const change: unknown = JSON.parse(data);
    for (const listener of listeners[kind]) (listener as (change: unknown) => void)(change);
  });
}

/** Pages poll meanwhile. */
function openLater(): void {
  source = null;
  if (!isUsed()) return;
  const delayMs = Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MOST_MS);
  failures += 1;
  stopTimer();
  timer = setTimeout(open, delayMs * (0.75 + Math.random() / 2));
}

function closeUnused(): void {
  if (isUsed()) return;
  stopTimer();
  source?.close();
  source = null;
}

function stopTimer(): void {
  clearTimeout(timer);
  timer = undefined;
}
