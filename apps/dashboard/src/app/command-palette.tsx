import { useNavigate } from '@tanstack/react-router';
import { Command } from 'cmdk';
import { BookOpen, Search } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { navigation } from './navigation.ts';

const item =
  'flex cursor-pointer items-center gap-3 rounded-lg px-3 py-2 data-[selected=true]:bg-sunken';

export function CommandPalette({ onClose }: { readonly onClose: () => void }) {
  const navigate = useNavigate();
  const goTo = (path: string) => {
    onClose();
    void navigate({ to: path });
  };
  return (
    <Radix.Root open onOpenChange={onClose}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-black/50" />
        <Radix.Content
          aria-describedby={undefined}
          className="fixed top-[15vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-lg -translate-x-1/2 overflow-hidden rounded-xl border bg-surface shadow-xl"
        >
          <Radix.Title className="sr-only">Go to</Radix.Title>
          <Command label="Go to">
            <div className="flex items-center gap-3 border-b px-4">
              <Search className="size-4 text-muted" aria-hidden />
              <Command.Input
                placeholder="Go to a page…"
                className="h-12 flex-1 bg-transparent outline-none"
              />
            </div>
            <Command.List className="max-h-80 overflow-y-auto p-2">
              <Command.Empty className="p-6 text-center text-muted">Nothing found.</Command.Empty>
              {navigation.map(({ path, label, icon: Icon }) => (
                <Command.Item key={path} onSelect={() => goTo(path)} className={item}>
                  <Icon className="size-4 text-muted" aria-hidden /> {label}
                </Command.Item>
              ))}
              <Command.Item onSelect={() => location.assign('/docs')} className={item}>
                <BookOpen className="size-4 text-muted" aria-hidden /> Guides and API
              </Command.Item>
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
