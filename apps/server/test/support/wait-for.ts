import { setTimeout as delay } from 'node:timers/promises';

export type WaitOptions = {
  /** How long the condition may take; 10 seconds unless given. */
  timeoutMs?: number;
  /** What is waited for, for the message: "the mail to be sent". */
  what: string;
};

/** Asks until the answer is neither false, null nor undefined, and returns it; throws at the timeout. */
export async function waitFor<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 10_000, what }: WaitOptions,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await check();
    if (answer !== false && answer !== null && answer !== undefined) {
      return answer as Exclude<T, false | null | undefined>;
    }
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms for ${what}.`);
    await delay(10);
  }
}
