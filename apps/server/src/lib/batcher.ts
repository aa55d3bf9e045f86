/** Gathers single calls into batches. */
export type Batcher<Item, Result> = {
  /** Resolves with this item's result, or rejects with the error of its batch. */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting or running. */
  idle(): Promise<void>;
};

export type BatcherOptions<Item, Result> = {
  /** Runs one batch; the results are in the order of the items. An Error fails that item alone. */
  run: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>;
  maxItems: number;
  /** Batches under way at once; what comes meanwhile gathers, so batches grow with the load. */
  maxRunning: number;
  /** Between the starts of two batches, unless one is full: for what is dear a batch, not an item. */
  gapMs?: number;
  /** While a batch is under way, the next gathers for so long after its start, unless it is full. */
  busyGapMs?: number;
  /** An error that one item may have caused: then each of its batch is run by itself. */
  isOfItem?: (error: unknown) => boolean;
  /** Weight of an item, with `maxWeight` a second bound of a batch; an item above it goes alone. */
  weigh?: (item: Item) => number;
  maxWeight?: number;
};

type Waiting<Item, Result> = {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
};

/** Takes from the front what goes into one batch. */
function takeBatch<Item, Result>(
  waiting: Waiting<Item, Result>[],
  { maxItems, maxWeight = Infinity, weigh = () => 0 }: BatcherOptions<Item, Result>,
): Waiting<Item, Result>[] {
  let weight = 0;
  let count = 0;
  for (const { item } of waiting) {
    weight += weigh(item);
    if (count === maxItems || (count > 0 && weight > maxWeight)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

function settle<Item, Result>(
  entry: Waiting<Item, Result>,
  result: Result | Error | undefined,
): void {
  if (result instanceof Error) entry.reject(result);
  else entry.resolve(result as Result);
}

async function runAndSettle<Item, Result>(
  batch: readonly Waiting<Item, Result>[],
  options: BatcherOptions<Item, Result>,
): Promise<void> {
  try {
    const results = await options.run(batch.map((entry) => entry.item));
    batch.forEach((entry, index) => settle(entry, results[index]));
  } catch (error) {
    if (batch.length > 1 && options.isOfItem?.(error) === true) {
      for (const entry of batch) await runAndSettle([entry], options);
    } else {
      for (const entry of batch) entry.reject(error);
    }
  }
}

/**
 * A lone call is run in the same tick it is made; under load, calls that come while `maxRunning`
 * batches are under way, or within the gap, share the next one.
 */
export function createBatcher<Item, Result>(
  options: BatcherOptions<Item, Result>,
): Batcher<Item, Result> {
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let scheduled = false;
  let startedAt = -Infinity;
  let gap: NodeJS.Timeout | null = null;
  let idleWaiters: (() => void)[] = [];

  async function runBatch(batch: Waiting<Item, Result>[]): Promise<void> {
    await runAndSettle(batch, options);
    running -= 1;
    pump();
  }

  function pump(): void {
    scheduled = false;
    while (running < options.maxRunning && waiting.length > 0 && isGapOver()) {
      running += 1;
      startedAt = performance.now();
      void runBatch(takeBatch(waiting, options));
    }
    if (running > 0 || waiting.length > 0) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  /** Where it is not, what waits is looked at again when it is. */
  function isGapOver(): boolean {
    const { gapMs = 0, busyGapMs = 0 } = options;
    const ownGapMs = running > 0 ? Math.max(gapMs, busyGapMs) : gapMs;
    const leftMs = startedAt + ownGapMs - performance.now();
    if (leftMs <= 0 || waiting.length >= options.maxItems) return true;
    gap ??= setTimeout(() => {
      gap = null;
      pump();
    }, leftMs);
    return false;
  }

  return {
    add(item) {
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (scheduled) return;
        scheduled = true;
        setImmediate(pump);
      });
    },
    idle() {
      if (running === 0 && waiting.length === 0) return Promise.resolve();
      return new Promise((resolve) => idleWaiters.push(resolve));
    },
  };
}
