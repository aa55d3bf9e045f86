import { Command } from 'cmdk';
import { Search } from 'lucide-react';
import { useState } from 'react';
import { useActions, useJumps, type Action } from './command-actions.ts';
import { Overlay } from './overlay.tsx';

const group =
  '[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-3 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-xs [&_[cmdk-group-heading]]:text-muted';

type Props = { readonly onClose: () => void; readonly onSendTest: () => void };

export function CommandPalette({ onClose, onSendTest }: Props) {
  const [typed, setTyped] = useState('');
  const groups = useActions({ onSendTest });
  const jumps = useJumps(typed);
  const run = (action: Action) => {
    onClose();
    action.run();
  };
  return (
    <Overlay
      title="Go to, or do"
      className="top-[15vh] left-1/2 w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 overflow-hidden rounded-xl border shadow-xl"
      onClose={onClose}
    >
      <Command label="Go to, or do" filter={rank}>
        <div className="flex items-center gap-3 border-b px-4">
          <Search className="size-4 text-muted" aria-hidden />
          <Command.Input
            value={typed}
            onValueChange={setTyped}
            placeholder="A page, an action, an address, a mail’s id…"
            className="h-12 flex-1 bg-transparent outline-none"
          />
        </div>
        {jumps.length === 0 && (
          <Command.Empty className="p-6 text-center text-muted">
            No page and no action is called that. Mails are found by an address or an id.
          </Command.Empty>
        )}
        <Command.List className="max-h-[26rem] overflow-y-auto p-2 pt-0">
          {jumps.length > 0 && (
            <Command.Group heading="Mails" forceMount className={group}>
              {jumps.map((action) => (
                <Item key={action.label} action={action} onRun={run} isJump />
              ))}
            </Command.Group>
          )}
          {groups.map(({ heading, actions }) => (
            <Command.Group key={heading} heading={heading} className={group}>
              {actions.map((action) => (
                <Item key={action.label} action={action} onRun={run} />
              ))}
            </Command.Group>
          ))}
        </Command.List>
      </Command>
    </Overlay>
  );
}

/** Every word typed has to be there; cmdk's own ranking finds letters anywhere, also swapped ones. */
function rank(label: string, typed: string, keywords: readonly string[] = []): number {
  const words = typed.toLowerCase().split(/\s+/);
  const text = [label, ...keywords].join(' ').toLowerCase();
  if (!words.every((word) => text.includes(word))) return 0;
  return label.toLowerCase().startsWith(typed.toLowerCase()) ? 1 : 0.5;
}

type ItemProps = {
  readonly action: Action;
  readonly onRun: (action: Action) => void;
  /** It is made of what was typed, whatever that is. */
  readonly isJump?: boolean;
};

function Item({ action, onRun, isJump }: ItemProps) {
  const { label, icon: Icon, keywords } = action;
  return (
    <Command.Item
      value={label}
      onSelect={() => onRun(action)}
      className="flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 data-[selected=true]:bg-sunken"
      {...(isJump === true && { forceMount: true })}
      {...(keywords !== undefined && { keywords: [...keywords] })}
    >
      <Icon className="size-4 shrink-0 text-muted" aria-hidden />
      <span className="min-w-0 truncate">{label}</span>
    </Command.Item>
  );
}
