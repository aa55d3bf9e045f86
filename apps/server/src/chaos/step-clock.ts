import { between, createRandom } from './random.ts';

/**
 * Loaded before a server (`--import …/step-clock.ts?seed=1&max_ms=60000`): its clock jumps forwards
 * and backwards, as a machine's does whose time is set. Timers and the database's clock stay.
 */
const settings = new URL(import.meta.url).searchParams;
const random = createRandom(Number(settings.get('seed')));
const maxMs = Number(settings.get('max_ms'));
const MIN_GAP_MS = 500;
const MAX_GAP_MS = 5_000;

const RealDate = Date;
let offsetMs = 0;

class SteppedDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    // Whatever a date is made of; without anything it is now.
    super(...((args.length === 0 ? [SteppedDate.now()] : args) as [number]));
  }

  static override now(): number {
    return RealDate.now() + offsetMs;
  }
}

function step(): void {
  offsetMs = between(random, -maxMs, maxMs);
  setTimeout(step, between(random, MIN_GAP_MS, MAX_GAP_MS)).unref();
}

if (maxMs > 0) {
  globalThis.Date = SteppedDate as DateConstructor;
  step();
}
