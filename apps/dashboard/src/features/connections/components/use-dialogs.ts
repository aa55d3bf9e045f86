import { useState } from 'react';

/** What is asked about a connection. */
export type Question = 'settings' | 'credentials' | 'events' | 'disconnect';
export type Ask = (question: Question, id: string) => void;

/** The one dialog about a connection that is open. */
export function useDialogs() {
  const [asked, setAsked] = useState<{ readonly question: Question; readonly id: string } | null>(
    null,
  );
  return {
    asked,
    ask: (question: Question, id: string) => setAsked({ question, id }),
    close: () => setAsked(null),
  };
}
