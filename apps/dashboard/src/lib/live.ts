import type { ConnectionChange, EmailChange } from '@courierx/contract';
import { useEffect } from 'react';
import { urlOf } from './api-client.ts';

type Changes = { readonly email: EmailChange; readonly connection: ConnectionChange };
type Kind = keyof Changes;
type Listener = (event: MessageEvent<string>) => void;

let source: EventSource | null = null;
let users = 0;

/** Calls back with each change as the server tells of it. One line serves the whole page. */
export function useLive<K extends Kind>(kind: K, onChange: (change: Changes[K]) => void): void {
  useEffect(() => {
    source ??= new EventSource(urlOf('/stream'));
    const line = source;
    users += 1;
    const listener: Listener = (event) => onChange(JSON.parse(event.data) as Changes[K]);
    line.addEventListener(kind, listener);
    return () => {
      line.removeEventListener(kind, listener);
      users -= 1;
      if (users > 0) return;
      line.close();
      source = null;
    };
  }, [kind, onChange]);
}
