import { useQuery } from '@tanstack/react-query';
import { Suspense, useState } from 'react';
import { lazyComponent } from '../../../lib/load-code.ts';
import { useFirstStepsClosed } from '../../../lib/first-steps-shown.ts';
import { connectionsQuery } from '../../../lib/flow.ts';
import { sessionQuery } from '../../../lib/session.ts';
import { domainCountQuery, keyCountQuery, webhookCountQuery } from '../api/first-steps.ts';
import { newestEmailQuery } from '../api/get-metrics.ts';
import { STEPS, type Done } from './step-names.ts';

const FirstStepsCard = lazyComponent(
  async () => (await import('./first-steps-card.tsx')).FirstStepsCard,
);

/** Takes a new account through all it needs, until that is done or they are closed. */
export function FirstSteps() {
  const { data: session } = useQuery(sessionQuery);
  if (session === undefined) return null;
  return <Open key={session.account.id} accountId={session.account.id} />;
}

function Open({ accountId }: { readonly accountId: string }) {
  const isClosed = useFirstStepsClosed(accountId);
  const done = useDone();
  const [wasOpen, setOpen] = useState(false);
  if (isClosed || done === null) return null;
  const isDone = STEPS.every((step) => done[step]);
  if (!wasOpen && !isDone) setOpen(true);
  // An account that is past all this never sees it.
  if (isDone && !wasOpen) return null;
  return (
    <Suspense fallback={null}>
      <FirstStepsCard accountId={accountId} done={done} />
    </Suspense>
  );
}

function useDone(): Done | null {
  const connections = useQuery(connectionsQuery).data;
  const emails = useQuery(newestEmailQuery).data;
  const domains = useQuery(domainCountQuery).data;
  const keys = useQuery(keyCountQuery).data;
  const webhooks = useQuery(webhookCountQuery).data;
  if (connections === undefined || emails === undefined) return null;
  if (domains === undefined || keys === undefined || webhooks === undefined) return null;
  return {
    connect: connections.length > 0,
    send: emails.items.length > 0,
    domain: domains > 0,
    key: keys > 0,
    webhook: webhooks > 0,
  };
}
