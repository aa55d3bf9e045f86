import type { ReactNode } from 'react';
import { Card, CardHeader } from './card.tsx';

type SectionProps = {
  readonly title?: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
};

/** A card with room around what is in it. */
export function Section({ title, aside, children }: SectionProps) {
  return (
    <Card className="min-w-0 overflow-hidden">
      {title !== undefined && <CardHeader title={title} actions={aside} />}
      <div className={title === undefined ? '' : 'space-y-4 px-5 pb-5'}>{children}</div>
    </Card>
  );
}
