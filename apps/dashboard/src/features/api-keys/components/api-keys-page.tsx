import type { ApiKey } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { PageHeader } from '../../../components/ui/card.tsx';
import { CodeSample } from '../../../components/ui/code-sample.tsx';
import { CopyValue } from '../../../components/ui/copy-button.tsx';
import { Section } from '../../../components/ui/section.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { sampleCalls, sampleOf } from '../../../lib/samples.ts';
import { keysQuery, useMakeKey } from '../api/api-keys.ts';
import { KeyTable } from './key-table.tsx';
import { MakeKey } from './make-key.tsx';

const FIRST_MAIL = { from: 'hello@yourapp.com', to: 'user@example.com' };

export function ApiKeysPage() {
  const make = useMakeKey();
  const { data: keys, error, refetch } = useQuery(keysQuery);
  return (
    <>
      <PageHeader
        title="API keys"
        about="Your programs prove with them who they are."
        actions={<MakeKey make={make} />}
      />
      <div className="space-y-5">
        {make.data && (
          <Section title={make.data.name}>
            <p role="status">The key is shown this once. Keep it where your program reads it.</p>
            <CopyValue label="Copy the key" value={make.data.raw_key} />
            {make.data.role !== 'read' && (
              <CodeSample {...sampleOf(sampleCalls.send(FIRST_MAIL), make.data.raw_key)} />
            )}
          </Section>
        )}
        <Section>
          {error !== null && keys === undefined && (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )}
          {error === null && keys === undefined && <Skeleton className="m-5 h-32" />}
          {keys !== undefined && <Keys keys={keys} />}
        </Section>
      </div>
    </>
  );
}

function Keys({ keys }: { readonly keys: readonly ApiKey[] }) {
  if (keys.length > 0) return <KeyTable keys={keys} />;
  return (
    <EmptyState icon={KeyRound} title="No key yet">
      Make one for your program to send with.
    </EmptyState>
  );
}
