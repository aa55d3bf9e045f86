/** How long to wait before try number `tries` + 1; half fixed, half random, so that crowds part. */
export function backoffMs(
  tries: number,
  options: { baseMs: number; maxMs: number; random: () => number },
): number {
  const full = Math.min(options.maxMs, options.baseMs * 2 ** Math.min(tries, 30));
  return Math.round(full / 2 + (full / 2) * options.random());
}
