/** How long one attempt may take, in milliseconds. */
export type TimeLimits = {
  readonly connectMs: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
};
