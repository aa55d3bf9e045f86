import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ArrowRight, Route } from 'lucide-react';
import { Fragment } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card } from '../../../components/ui/card.tsx';
import { EmptyState } from '../../../components/ui/states.tsx';
import { connectionsQuery } from '../../../lib/flow.ts';

/** What happens to mail without rules, and what one is good for. */
export function NoRule({ onMake }: { readonly onMake: () => void }) {
  const { data: connections = [] } = useQuery(connectionsQuery);
  const enabled = connections.filter((connection) => connection.enabled);
  const real = enabled.filter(({ provider }) => provider !== 'sandbox');
  // Live mail goes to the sandbox only while nothing else is there.
  const used = real.length > 0 ? real : enabled;
  return (
    <Card>
      <EmptyState icon={Route} title="No rules: mail goes by priority">
        {used.length === 0 ? (
          <p>
            Nothing is connected.{' '}
            <Link to="/connections" className="text-info underline">
              Connect a provider
            </Link>{' '}
            first; mail then goes by the first that can take it.
          </p>
        ) : (
          <>
            <p>Every mail goes by the first connection that can take it:</p>
            <p className="flex flex-wrap items-center justify-center gap-2 text-text">
              {used.map(({ id, display_name: name }, index) => (
                <Fragment key={id}>
                  {index > 0 && <ArrowRight className="size-4 text-muted" aria-label="then" />}
                  <span className="rounded-lg border px-2.5 py-1 font-medium">{name}</span>
                </Fragment>
              ))}
            </p>
          </>
        )}
        <p>
          A rule sends some mail another way: newsletters by the cheaper provider, one recipient’s
          domain by its own, or everything in shares of 70 and 30.
        </p>
        {used.length > 0 && <Button onClick={onMake}>Make the first rule</Button>}
      </EmptyState>
    </Card>
  );
}
