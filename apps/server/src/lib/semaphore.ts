/** Lets at most `permits` holders in at a time, in the order they came. */
export type Semaphore = {
  /** Runs `work` when a permit is free and gives the permit back after it. */
  run<T>(work: () => Promise<T>): Promise<T>;
};

export function createSemaphore(permits: number): Semaphore {
  let free = permits;
  const waiting: (() => void)[] = [];
  return {
    async run(work) {
      if (free > 0) free -= 1;
      // The permit is handed over by whoever gives one back, so it is never counted twice.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else free += 1;
      }
    },
  };
}
