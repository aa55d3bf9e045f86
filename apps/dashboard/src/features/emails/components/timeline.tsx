import type { EmailDetail } from '@courierx/contract';
import { toneOf, type Tone } from '../../../components/ui/badge.tsx';
import { cn } from '../../../lib/cn.ts';
import { formatDateTime, humanize } from '../../../lib/format.ts';
import { momentsOf } from './moments.ts';

const DOTS: Readonly<Record<Tone, string>> = {
  good: 'bg-good',
  warn: 'bg-warn',
  bad: 'bg-bad',
  info: 'bg-info',
  plain: 'bg-muted',
};

/** All that happened, attempts that came to nothing among it. */
export function Timeline({ email }: { readonly email: EmailDetail }) {
  return (
    <ol className="px-6 pb-4">
      {momentsOf(email).map(({ key, word, title, at, about }) => (
        <li key={key} className="relative border-l pb-4 pl-5 last:border-transparent last:pb-0">
          <span
            aria-hidden
            className={cn(
              'absolute top-1.5 -left-[5px] size-2.5 rounded-full ring-4 ring-surface',
              DOTS[toneOf(word)],
            )}
          />
          <p className="flex flex-wrap justify-between gap-x-4">
            <span className="font-medium">{title ?? humanize(word)}</span>
            <time dateTime={at} className="text-[13px] text-muted max-sm:w-full">
              {formatDateTime(at)}
            </time>
          </p>
          {about !== '' && <p className="text-[13px] break-words text-muted">{about}</p>}
        </li>
      ))}
    </ol>
  );
}
