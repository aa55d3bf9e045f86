import { Search } from 'lucide-react';
import { cn } from '../../lib/cn.ts';
import { useRestingText } from '../../lib/use-resting-text.ts';
import { Input } from './input.tsx';

type Props = {
  readonly label: string;
  readonly value: string;
  readonly className?: string;
  readonly onChange: (value: string) => void;
};

/** Asks once the typing rests. */
export function SearchInput({ label, value, className, onChange }: Props) {
  const [typed, setTyped] = useRestingText(value, onChange);
  return (
    <div className={cn('relative', className)}>
      <Search className="absolute top-2.5 left-3 size-4 text-muted" aria-hidden />
      <Input
        type="search"
        aria-label={label}
        placeholder={label}
        className="pl-9"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
