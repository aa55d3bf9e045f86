import type { ComponentProps, ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

export function Card({ className, ...rest }: ComponentProps<'section'>) {
  return <section className={cn('rounded-xl border bg-surface', className)} {...rest} />;
}

type HeaderProps = {
  readonly title: string;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
};

export function CardHeader({ title, about, actions }: HeaderProps) {
  return (
    <div className="flex flex-wrap items-start justify-between gap-3 px-5 pt-4 pb-3">
      <div>
        <h2 className="text-[15px] font-semibold">{title}</h2>
        {about !== undefined && <p className="text-muted">{about}</p>}
      </div>
      {actions}
    </div>
  );
}

/** What a page is, and what one does there. */
export function PageHeader({ title, about, actions }: HeaderProps) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0">
        <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere">{title}</h1>
        {about !== undefined && <div className="mt-1 wrap-anywhere text-muted">{about}</div>}
      </div>
      {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
    </header>
  );
}
