import { useQuery } from '@tanstack/react-query';
import { connectionsQuery } from './flow.ts';
import { sessionQuery } from './session.ts';

export type TestMail = {
  /** Nothing but the sandbox is there to take it. */
  readonly isSandbox: boolean;
  readonly from: string;
  readonly to: string;
};

/** What a test mail begins as: in the sandbox anything goes; else it is sent to the one who asks. */
export function useTestMail(): TestMail {
  const { data: connections } = useQuery(connectionsQuery);
  const { data: session } = useQuery(sessionQuery);
  const isSandbox = connections?.every(({ provider }) => provider === 'sandbox') ?? true;
  return isSandbox
    ? { isSandbox, from: 'hello@yourapp.test', to: 'delivered@example.test' }
    : { isSandbox, from: '', to: session?.account.email ?? '' };
}
