import type { Accepted } from './outcome.ts';

/** What became of an attempt whose outcome was unknown, as the provider itself says. */
export type Settlement =
  /** It left after all. */
  | { readonly kind: 'accepted'; readonly outcome: Accepted }
  /** It certainly did not leave: another attempt makes no copy. */
  | { readonly kind: 'not_sent'; readonly detail: string }
  /** Not to be told yet (an index that lags, no answer); worth asking again after the wait. */
  | { readonly kind: 'ask_again'; readonly afterMs: number; readonly detail: string }
  /** The provider can't tell; the account's policy decides. */
  | { readonly kind: 'not_known'; readonly detail: string };
