/** A place whose connection may be given a small share of mail it would otherwise not see. */
export type Place = {
  readonly connection: { readonly keepWarmPercent: number };
  /** The first of a rule that always tries it first. */
  readonly isInsisted: boolean;
};

/**
 * Puts a standby first for its share of mails, so that its provider knows our mail on the day it is
 * needed. Which mails is told by their ids alone: the same in every process and on every try.
 */
export function keepWarm<P extends Place>(order: readonly P[], emailId: string): readonly P[] {
  if (order.every(({ connection }) => connection.keepWarmPercent === 0)) return order;
  if (order[0]?.isInsisted === true) return order;
  const draw = Number.parseInt(emailId.slice(-8), 16) % 100;
  let upTo = 0;
  for (const candidate of order.slice(1)) {
    upTo += candidate.connection.keepWarmPercent;
    if (draw < upTo) return [candidate, ...order.filter((other) => other !== candidate)];
  }
  return order;
}
