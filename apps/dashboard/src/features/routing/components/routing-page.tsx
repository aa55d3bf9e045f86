import type { RoutingRule } from '@courierx/contract';
import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../../components/ui/button.tsx';
import { Card, PageHeader } from '../../../components/ui/card.tsx';
import { ErrorState, Skeleton } from '../../../components/ui/states.tsx';
import { rulesQuery } from '../../../lib/flow.ts';
import { useNewForm } from '../../../lib/use-new-form.ts';
import { DeleteRule } from './delete-rule.tsx';
import { Explain } from './explain.tsx';
import { NoRule } from './no-rule.tsx';
import { RuleDialog } from './rule-dialog.tsx';
import { Rules } from './rules.tsx';

type Asked = { readonly about: 'edit' | 'delete'; readonly rule: RoutingRule };

export function RoutingPage() {
  const { data: rules, error, refetch } = useQuery(rulesQuery);
  const [isMaking, setMaking] = useNewForm();
  const [asked, setAsked] = useState<Asked | null>(null);
  const close = () => setAsked(null);
  return (
    <>
      <PageHeader
        title="Routing"
        about="Which mail goes by which connections, and in what shares."
        actions={
          <Button variant="primary" onClick={() => setMaking(true)}>
            <Plus aria-hidden /> Make a rule
          </Button>
        }
      />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="min-w-0">
          {rules === undefined && error === null && <Skeleton className="h-56" />}
          {rules === undefined && error !== null && (
            <Card>
              <ErrorState error={error} onRetry={() => void refetch()} />
            </Card>
          )}
          {rules?.length === 0 && <NoRule onMake={() => setMaking(true)} />}
          {rules !== undefined && rules.length > 0 && (
            <Rules
              rules={rules}
              onEdit={(rule) => setAsked({ about: 'edit', rule })}
              onDelete={(rule) => setAsked({ about: 'delete', rule })}
            />
          )}
        </div>
        <Explain />
      </div>
      {isMaking && <RuleDialog rule={null} onClose={() => setMaking(false)} />}
      {asked?.about === 'edit' && <RuleDialog rule={asked.rule} onClose={close} />}
      {asked?.about === 'delete' && <DeleteRule rule={asked.rule} onClose={close} />}
    </>
  );
}
