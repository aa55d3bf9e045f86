import { Ellipsis } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { cn } from '../../lib/cn.ts';
import { Button } from './button.tsx';

export type MenuAction = {
  readonly label: string;
  readonly isDangerous?: boolean;
  readonly onSelect: () => void;
};

/** What can be done besides. `label` says with what. */
export function ActionsMenu(props: {
  readonly label: string;
  readonly actions: readonly MenuAction[];
}) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>
        <Button variant="ghost" size="icon" aria-label={props.label}>
          <Ellipsis />
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={document.getElementById('main')}>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-30 min-w-44 rounded-xl border bg-surface p-1 shadow-lg"
        >
          {props.actions.map(({ label, isDangerous, onSelect }) => (
            <DropdownMenu.Item
              key={label}
              onSelect={onSelect}
              className={cn(
                'cursor-pointer rounded-lg px-3 py-1.5 outline-none data-[highlighted]:bg-sunken',
                isDangerous === true && 'text-bad',
              )}
            >
              {label}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
