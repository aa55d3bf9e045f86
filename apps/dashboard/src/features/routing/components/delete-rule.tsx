import type { RoutingRule } from '@courierx/contract';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { useDeleteRule } from '../api/change-rule.ts';

type DeleteRuleProps = { readonly rule: RoutingRule; readonly onClose: () => void };

export function DeleteRule({ rule, onClose }: DeleteRuleProps) {
  const { mutate } = useDeleteRule();
  return (
    <Dialog
      title={`Delete ${rule.name}?`}
      about="Its mail, also what waits, goes by the next rule that matches, or by the priorities of your connections. The connections stay."
      isOpen
      onOpenChange={onClose}
    >
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="danger"
          onClick={() => {
            mutate(rule.id);
            onClose();
          }}
        >
          Delete
        </Button>
      </div>
    </Dialog>
  );
}
