import type { ProviderConnection } from '@courierx/contract';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { useDisconnect } from '../api/change-connection.ts';

type DisconnectDialogProps = {
  readonly connection: ProviderConnection;
  /** All there are, in the order they are tried. */
  readonly all: readonly ProviderConnection[];
  readonly onClose: () => void;
};

export function DisconnectDialog({ connection, all, onClose }: DisconnectDialogProps) {
  const { mutate } = useDisconnect();
  const others = all.filter(({ id, enabled }) => id !== connection.id && enabled);
  const disconnect = () => {
    mutate(connection.id);
    onClose();
  };
  return (
    <Dialog
      title={`Disconnect ${connection.display_name}?`}
      about="Its credentials are deleted here. Nothing changes at the provider."
      isOpen
      onOpenChange={onClose}
    >
      <ul className="list-outside list-disc space-y-1.5 pl-5">
        <li>{describeWaiting(others)}</li>
        <li>Routing rules go on without it; one that names no other takes no mail any more.</li>
        <li>
          What was sent by it stays in your history. Events that still come for it are refused.
        </li>
      </ul>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="danger" onClick={disconnect}>
          Disconnect
        </Button>
      </div>
    </Dialog>
  );
}

const RESTING: readonly string[] = ['down', 'invalid'];

/** No mail belongs to a connection: what becomes of that which waits. */
function describeWaiting(others: readonly ProviderConnection[]): string {
  const takers = others.filter(
    ({ provider, health }) => provider !== 'sandbox' && !RESTING.includes(health.state),
  );
  const [first, second] = takers;
  if (first !== undefined) {
    const then = second === undefined ? '' : `, then ${second.display_name}`;
    return `Waiting mail goes by what is left: ${first.display_name}${then}.`;
  }
  if (others.some(({ provider }) => provider !== 'sandbox')) {
    return 'What is left can take no mail now: it waits until one of them can.';
  }
  if (others.length > 0) {
    return 'Only a sandbox is left: from now on mail is caught there, and delivered to nobody.';
  }
  return 'Nothing else can take mail: it waits, is sent when you connect or resume another, and fails at its deadline.';
}
