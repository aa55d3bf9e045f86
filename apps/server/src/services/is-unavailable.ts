import { isConflict, isDatabaseUnavailable } from '../db/errors.ts';

/** Whether an error means: not now, nothing was stored, the same request may succeed later. */
export function isUnavailable(error: unknown): boolean {
  return isDatabaseUnavailable(error) || isConflict(error);
}
