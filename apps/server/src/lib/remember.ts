export type RememberOptions<T> = {
  readonly look: () => Promise<T>;
  /** What was seen is good for this long; looks are no more frequent. */
  readonly freshMs: number;
  /** How long an asker waits for a look; the look itself goes on and counts for the next asker. */
  readonly waitMs: number;
  /** While a look takes longer than askers wait, what was seen last is told for this long. */
  readonly staleMs: number;
  readonly onError: (error: unknown) => void;
};

/**
 * Looks at most once in a while, however many ask, and never twice at once. Resolves to null where
 * nothing is known; never rejects.
 */
export function remember<T>(options: RememberOptions<T>): () => Promise<T | null> {
  const { look, freshMs, waitMs, staleMs, onError } = options;
  let last: { readonly value: T | null; readonly at: number } | null = null;
  let running: Promise<T | null> | null = null;
  const isYounger = (ms: number) => last !== null && performance.now() - last.at < ms;

  async function lookOnce(): Promise<T | null> {
    let value: T | null = null;
    try {
      value = await look();
    } catch (error) {
      onError(error);
    }
    last = { value, at: performance.now() };
    running = null;
    return value;
  }

  return async () => {
    if (isYounger(freshMs)) return last?.value ?? null;
    running ??= lookOnce();
    const late = Promise.withResolvers<T | null>();
    const timer = setTimeout(
      () => late.resolve(isYounger(staleMs) ? (last?.value ?? null) : null),
      waitMs,
    );
    const value = await Promise.race([running, late.promise]);
    clearTimeout(timer);
    return value;
  };
}
