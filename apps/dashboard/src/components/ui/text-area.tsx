import { useId, type ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

type Props = ComponentProps<'textarea'> & { readonly label: string };

export function TextArea({ label, className, ...rest }: Props) {
  const id = useId();
  return (
    <div className="space-y-1.5">
      <label htmlFor={id} className="block font-medium">
        {label}
      </label>
      <textarea
        {...rest}
        id={id}
        className={cn(
          'w-full rounded-lg border bg-surface px-3 py-2 font-mono text-[13px]',
          className,
        )}
      />
    </div>
  );
}
