import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import { Slot } from 'radix-ui';
import type { ComponentProps, MouseEvent } from 'react';
import { cn } from '../../lib/cn.ts';

const button = cva(
  'inline-flex shrink-0 items-center justify-center gap-2 rounded-lg font-medium whitespace-nowrap transition-colors disabled:opacity-60 aria-disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-accent text-on-accent hover:bg-accent-hover',
        secondary: 'border bg-surface text-text hover:bg-sunken',
        ghost: 'text-muted hover:bg-sunken hover:text-text',
        danger: 'bg-bad-soft text-bad hover:opacity-85',
      },
      size: { normal: 'h-9 px-3.5', small: 'h-8 px-2.5 text-[13px]', icon: 'size-9' },
    },
    defaultVariants: { variant: 'secondary', size: 'normal' },
  },
);

type ButtonProps = ComponentProps<'button'> &
  VariantProps<typeof button> & {
    /** Gives its looks to the one child, such as a link. */
    asChild?: boolean;
    isBusy?: boolean;
  };

export function Button(props: ButtonProps) {
  const { className, variant, size, asChild, isBusy, children, ...rest } = props;
  const classes = cn(button({ variant, size }), className);
  if (asChild === true) {
    return (
      <Slot.Root className={classes} {...rest}>
        {children}
      </Slot.Root>
    );
  }
  return (
    <button
      type="button"
      className={classes}
      {...rest}
      // Not `disabled`, which would take the focus away from who works by the keyboard.
      {...(isBusy === true && { 'aria-busy': true, 'aria-disabled': true, onClick: ignore })}
    >
      {isBusy === true && <LoaderCircle className="animate-spin" aria-hidden />}
      {children}
    </button>
  );
}

/** Nothing is asked for twice: also not by the Enter key in a field of the form. */
const ignore = (event: MouseEvent) => event.preventDefault();
