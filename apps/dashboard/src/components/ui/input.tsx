import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

const looks =
  'w-full rounded-lg border bg-surface px-3 text-text placeholder:text-muted aria-invalid:border-bad disabled:opacity-60';

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={cn(looks, 'h-9', className)} {...rest} />;
}

export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select className={cn(looks, 'h-9 pr-8', className)} {...rest} />;
}
