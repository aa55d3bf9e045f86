import { hasControlCharacter } from '../lib/address.ts';
import { invalid } from './service-error.ts';

/**
 * A request's body as its schema left it: the fields it found sound, and its words for the others.
 * A service adds its own faults, so that a caller is told of all at once.
 */
export type Checked<T> = {
  readonly sound: Partial<T>;
  readonly faults: readonly string[];
  /** The fields given, but unfit for use: not in `sound`, and not missing either. */
  readonly unsound: ReadonlySet<string>;
};

/** The whole body, or `invalid_request` with every fault. */
export function requireSound<T>({ sound, faults }: Checked<T>, more: readonly string[]): T {
  const all = [...new Set([...faults, ...more])];
  if (all.length > 0) throw invalid(all);
  return sound as T;
}

/** Names are shown in one line: no line breaks, and not blank. */
export function checkLine(text: string | undefined, label: string): string[] {
  if (text === undefined) return [];
  if (hasControlCharacter(text)) return [`${label} must be one line of text`];
  return text.trim() === '' ? [`${label} is required`] : [];
}
