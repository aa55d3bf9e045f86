import { between, createRandom, pick } from './random.ts';

/** How a sink misbehaves; `share` of what it is asked, 0 to 1. */
export type SinkFault = { readonly kind: SinkFaultKind; readonly share: number };

export type SinkFaultKind =
  | 'none'
  /** Its port refuses connections, those that were open are cut. */
  | 'down'
  /** 5xx, 451. */
  | 'error'
  /** 429, 421. */
  | 'limit'
  /** Never answers; it may have taken the mail. */
  | 'hang'
  | 'reset_before'
  /** Takes the mail, then resets the connection. */
  | 'reset_after'
  | 'slow';

export type DatabaseFault = 'kill' | 'immediate' | 'fast';

/** What is done to the system, and when. */
export type Step = { readonly atMs: number } & (
  | { readonly do: 'kill'; readonly role: 'worker' | 'api' }
  | { readonly do: 'freeze'; readonly forMs: number }
  | { readonly do: 'database'; readonly how: DatabaseFault }
  | { readonly do: 'sink'; readonly sink: number; readonly fault: SinkFault }
);

export type PlanOptions = {
  readonly seed: number;
  /** `kill -9` of workers, api processes and the database, together. */
  readonly kills: number;
  readonly seconds: number;
  readonly sinks: number;
};

/** The same seed makes the same plan. */
export function makePlan({ seed, kills, seconds, sinks }: PlanOptions): readonly Step[] {
  const random = createRandom(seed);
  const endMs = seconds * 1_000;
  const steps = [...planKills(random, kills, endMs), ...planFreezes(random, endMs)];
  for (let sink = 0; sink < sinks; sink += 1) steps.push(...planSink(random, sink, endMs));
  return steps.sort((a, b) => a.atMs - b.atMs);
}

const WORKER_SHARE = 0.65;
const DATABASE_EVERY = 10;

/** Of each ten kills one is the database's; a clean and an immediate restart come on top. */
function planKills(random: () => number, kills: number, endMs: number): Step[] {
  const steps: Step[] = [];
  for (let count = 0; count < kills; count += 1) {
    const atMs = Math.round(((count + random()) / kills) * endMs);
    if (count % DATABASE_EVERY === DATABASE_EVERY - 1) {
      const how = count % (2 * DATABASE_EVERY) < DATABASE_EVERY ? 'immediate' : 'fast';
      steps.push({ atMs, do: 'database', how: 'kill' });
      steps.push({ atMs: Math.round(random() * endMs), do: 'database', how });
    } else {
      steps.push({ atMs, do: 'kill', role: random() < WORKER_SHARE ? 'worker' : 'api' });
    }
  }
  return steps;
}

const FREEZE_EVERY_MS = 60_000;

/** Longer than a lease: the worker wakes up and finds that its mail is another's. */
function planFreezes(random: () => number, endMs: number): Step[] {
  const steps: Step[] = [];
  for (let from = 0; from < endMs; from += FREEZE_EVERY_MS) {
    const atMs = from + Math.round(random() * Math.min(20_000, endMs / 4));
    steps.push({ atMs, do: 'freeze', forMs: between(random, 31_000, 36_000) });
  }
  return steps;
}

const WELL: SinkFault = { kind: 'none', share: 0 };
const KINDS = [
  'down',
  'flap',
  'error',
  'limit',
  'hang',
  'reset_before',
  'reset_after',
  'reset_after',
  'slow',
] as const;

/** By turns well and not well, each for a while. */
function planSink(random: () => number, sink: number, endMs: number): Step[] {
  const steps: Step[] = [];
  let atMs = between(random, 0, 2_000);
  while (atMs < endMs) {
    const kind = pick(random, KINDS);
    const untilMs = Math.min(endMs, atMs + between(random, 500, 5_000));
    if (kind === 'flap') steps.push(...planFlaps({ sink, fromMs: atMs, untilMs }));
    else steps.push({ atMs, do: 'sink', sink, fault: { kind, share: 0.2 + 0.8 * random() } });
    steps.push({ atMs: untilMs, do: 'sink', sink, fault: WELL });
    atMs = untilMs + between(random, 500, 4_000);
  }
  return steps;
}

const FLAP_MS = 250;

function planFlaps(flaps: { sink: number; fromMs: number; untilMs: number }): Step[] {
  const { sink, fromMs, untilMs } = flaps;
  const steps: Step[] = [];
  for (let atMs = fromMs; atMs < untilMs; atMs += 2 * FLAP_MS) {
    steps.push({ atMs, do: 'sink', sink, fault: { kind: 'down', share: 1 } });
    steps.push({ atMs: atMs + FLAP_MS, do: 'sink', sink, fault: WELL });
  }
  return steps;
}
