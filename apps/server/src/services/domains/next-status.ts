import type { DomainStatus } from '@courierx/contract';
import type { OwnershipCheck } from './ownership.ts';

/** Where a domain stands before and after a check. */
export type DomainState = {
  readonly status: DomainStatus;
  readonly verifiedAt: Date | null;
  readonly missingSince: Date | null;
  readonly checkTries: number;
};

export type NextDomainState = DomainState & { readonly nextCheckAt: Date };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A verified domain's record has to be away this long, at every look, before it counts as lost. */
export const MISSING_GRACE_MS = 6 * HOUR_MS;
const MAX_TRIES = 30;

/**
 * A token seen verifies at once. One that is definitely gone is looked for every hour and costs the
 * status only after {@link MISSING_GRACE_MS}; no answer changes nothing, however often it comes.
 */
export function nextStatus(
  state: DomainState,
  check: OwnershipCheck['status'],
  now: Date,
): NextDomainState {
  const after = (ms: number) => new Date(now.getTime() + ms);
  if (check === 'found') {
    return {
      status: 'verified',
      verifiedAt: state.status === 'verified' ? state.verifiedAt : now,
      missingSince: null,
      checkTries: 0,
      nextCheckAt: after(DAY_MS),
    };
  }
  const checkTries = Math.min(state.checkTries + 1, MAX_TRIES);
  if (state.status === 'pending') {
    // Every minute or two at first, then less and less: two minutes, four … a day.
    const waitMs = Math.min(MINUTE_MS * 2 ** Math.max(0, checkTries - 5), DAY_MS);
    return { ...state, checkTries, nextCheckAt: after(waitMs) };
  }
  const missingSince = check === 'missing' ? (state.missingSince ?? now) : state.missingSince;
  const isLost =
    check === 'missing' &&
    missingSince !== null &&
    now.getTime() - missingSince.getTime() >= MISSING_GRACE_MS;
  const kept = { checkTries, nextCheckAt: after(HOUR_MS) };
  return isLost
    ? { ...kept, status: 'pending', verifiedAt: null, missingSince: null, checkTries: 0 }
    : { ...kept, status: 'verified', verifiedAt: state.verifiedAt, missingSince };
}
