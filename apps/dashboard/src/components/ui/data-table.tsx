import type { ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

export type Column<T> = {
  readonly label: string;
  readonly render: (row: T) => ReactNode;
  readonly isNumber?: boolean;
  /** Left out on a phone, where it would only be noise. */
  readonly isMinor?: boolean;
  /** Left out between a phone, whose cards have room, and a wide window. */
  readonly isExtra?: boolean;
};

type TableProps<T> = {
  /** For those who can't see the page around it. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
};

/** Closer together where there is less room. */
const CELL = 'px-5 py-2.5 sm:px-3 sm:first:pl-5 sm:last:pr-5 lg:px-5';

/** A table, which on a phone is a list of cards. */
export function DataTable<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  return (
    <table className="w-full text-left max-sm:block">
      <caption className="sr-only">{caption}</caption>
      <thead className="text-[13px] text-muted max-sm:sr-only">
        <tr className="border-b">
          {columns.map(({ label, isNumber, isExtra }) => (
            <th
              key={label}
              scope="col"
              className={cn(
                CELL,
                'font-medium',
                isNumber === true && 'text-right',
                isExtra === true && 'max-lg:hidden',
              )}
            >
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody className="divide-y max-sm:block">
        {rows.map((row) => (
          <tr key={keyOf(row)} className="max-sm:block max-sm:py-2">
            {columns.map(({ label, render, isNumber, isMinor, isExtra }) => (
              <td
                key={label}
                data-label={label}
                className={cn(
                  CELL,
                  'align-middle max-sm:flex max-sm:items-center max-sm:justify-between max-sm:gap-4 max-sm:py-1 max-sm:text-right max-sm:before:shrink-0 max-sm:before:text-muted max-sm:before:content-[attr(data-label)] max-sm:empty:hidden',
                  isNumber === true && 'text-right tabular-nums',
                  isMinor === true && 'max-sm:hidden',
                  isExtra === true && 'max-lg:hidden',
                )}
              >
                {render(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
