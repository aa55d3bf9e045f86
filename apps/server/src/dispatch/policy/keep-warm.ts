/** A connection that may be given a small share of mail it would otherwise not see. */
export type Standby = { readonly keepWarmPercent: number };

/**
 * Puts a standby first for its share of mails, so that its provider knows our mail on the day it is
 * needed. Which mails is told by their ids alone: the same in every process and on every try.
 */
export function keepWarm<C extends Standby>(order: readonly C[], emailId: string): readonly C[] {
  if (order.every(({ keepWarmPercent }) => keepWarmPercent === 0)) return order;
  const draw = Number.parseInt(emailId.slice(-8), 16) % 100;
  let upTo = 0;
  for (const candidate of order.slice(1)) {
    upTo += candidate.keepWarmPercent;
    if (draw < upTo) return [candidate, ...order.filter((other) => other !== candidate)];
  }
  return order;
}
