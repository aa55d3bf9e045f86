import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createAccounts, setPolicy, type TestAccount } from './accounts.ts';
import { NoAnswerError } from './api.ts';
import { startClients, type Clients } from './clients.ts';
import { startHttpSink } from './http-sink.ts';
import { judge, type Verdict } from './law.ts';
import { makePlan, type Step } from './plan.ts';
import { startFleet, warmUp, type Fleet } from './processes.ts';
import { createRandom } from './random.ts';
import { countOpen, readMails } from './read-mails.ts';
import { createScratchDatabase, type ScratchDatabase } from './scratch-database.ts';
import type { Sink } from './sink.ts';
import { startSmtpSink } from './smtp-sink.ts';

export type ChaosOptions = {
  /** Makes the same plan of faults again. */
  readonly seed: number;
  /** `kill -9` of workers, api processes and the database, together. */
  readonly kills: number;
  /** How long the faults go on; draining comes after. A slow machine takes longer. */
  readonly seconds: number;
  readonly onProgress: (line: string) => void;
  /** Aborted: everything is ended and removed, and the run rejects. */
  readonly signal: AbortSignal;
};

/** What was done to the system. */
export type Damage = {
  worker: number;
  api: number;
  database: number;
  databaseRestarts: number;
  freezes: number;
  sinkFaults: number;
};

export type ChaosReport = Verdict & {
  readonly damage: Damage;
  /** False: mail was still waiting when patience ended. */
  readonly isDrained: boolean;
  /** What the processes printed last, for a run that failed. */
  readonly lastWords: string;
};

const ROLES = ['api', 'all', 'worker', 'worker', 'worker'] as const;
const CLOCK_STEP_MS = 600_000;
const CLIENTS_PER_ACCOUNT = 4;
const CLIENT_PAUSE_MS = 60;
const PROGRESS_MS = 5_000;
/** Without a worker or an api process running, there is nothing to kill: the plan waits so long. */
const UP_MS = 60_000;
/** Clients wait while more is to be sent: on a slow machine the end would never come. */
const MAX_OPEN = 2_000;
const WORKING_MS = 1_500;
/** A connection that failed all the time rests for ten minutes before it is tried again. */
const DRAIN_MS = 900_000;

type World = {
  readonly options: ChaosOptions;
  readonly scratch: ScratchDatabase;
  readonly sinks: readonly [http: Sink, smtp: Sink];
  readonly fleet: Fleet;
  readonly damage: Damage;
  /** Mails to be sent, as last seen. */
  open: number;
};

/**
 * Starts the whole system on a database made for it, breaks it by plan while clients send, lets it
 * come to rest and judges it by the providers' ledgers. Whatever was started is gone at the end.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const scratch = await createScratchDatabase();
    undo.push(() => scratch.remove());
    const sinks = [await startHttpSink(), await startSmtpSink()] as const;
    undo.push(() => Promise.all(sinks.map((sink) => sink.close())));
    const env = environmentFor(scratch);
    await warmUp(env);
    const fleet = startFleet({
      roles: ROLES,
      env,
      clockStepMs: CLOCK_STEP_MS,
      seed: options.seed,
      random: createRandom(options.seed),
    });
    undo.push(() => fleet.stop());
    const damage: Damage = {
      ...{ worker: 0, api: 0, database: 0 },
      ...{ databaseRestarts: 0, freezes: 0, sinkFaults: 0 },
    };
    return await Promise.race([
      breakAndJudge({ options, scratch, sinks, fleet, damage, open: 0 }),
      untilAborted(options.signal),
    ]);
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('Stopped.')), { once: true });
  });
}

async function breakAndJudge(world: World): Promise<ChaosReport> {
  const { options, scratch, fleet, sinks, damage } = world;
  await untilUp(fleet);
  const [http, smtp] = sinks;
  const accounts = await createAccounts(fleet.urls()[0] ?? '', { http, smtp });
  const clients = startClients({
    accounts,
    perAccount: CLIENTS_PER_ACCOUNT,
    pauseMs: CLIENT_PAUSE_MS,
    urls: () => fleet.urls(),
    isBehind: () => world.open > MAX_OPEN,
    signal: options.signal,
  });
  const progress = setInterval(() => {
    options.onProgress(describeProgress(world, clients));
    countOpen(scratch.database.pool).then(
      (open) => (world.open = open),
      // The database is being killed.
      () => undefined,
    );
  }, PROGRESS_MS);
  try {
    await carryOut(world, makePlan({ ...options, sinks: sinks.length }));
    options.onProgress('  faults are over; draining');
    await Promise.all(sinks.map((sink) => sink.set({ kind: 'none', share: 0 })));
    await scratch.ready();
    await clients.stop();
    const isDrained = await drain(world, accounts);
    const copies = sinks.flatMap(({ ledger }) => ledger);
    const mails = await readMails(scratch.database.pool);
    const verdict = judge({ accepted: clients.accepted, mails, copies });
    return { ...verdict, damage, isDrained, lastWords: fleet.lastWords() };
  } finally {
    clearInterval(progress);
  }
}

function environmentFor({ url, directory }: ScratchDatabase): Record<string, string> {
  return {
    DATABASE_URL: url,
    COURIERX_DATA_DIR: directory,
    COURIERX_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    COURIERX_JWT_SECRET: randomBytes(32).toString('base64'),
    COURIERX_PRIVATE_NETWORKS: 'allow',
    COURIERX_RATE_LIMIT_PER_MINUTE: '1000000000',
    COURIERX_LOG_LEVEL: 'error',
    // They start hundreds of times: without it, starting is most of what they do.
    NODE_COMPILE_CACHE: join(directory, 'compile-cache'),
  };
}

async function untilUp(fleet: Fleet): Promise<void> {
  const end = performance.now() + UP_MS;
  while (!fleet.hasBoth()) {
    if (performance.now() > end) {
      throw new Error(`No worker or no api process came up:\n${fleet.lastWords()}`);
    }
    await delay(50);
  }
}

/**
 * A kill is of no use where nobody works: on a slow machine the plan waits until mail has been taken
 * since the last one, though not for long, since both sinks may be out of order.
 */
async function untilWorking({ fleet, sinks }: World): Promise<void> {
  await untilUp(fleet);
  const taken = () => sinks.reduce((sum, { ledger }) => sum + ledger.length, 0);
  const before = taken();
  const end = performance.now() + WORKING_MS;
  while (taken() === before && performance.now() < end) await delay(10);
}

async function carryOut(world: World, plan: readonly Step[]): Promise<void> {
  const startedAt = performance.now();
  const frozen: Promise<void>[] = [];
  for (const step of plan) {
    world.options.signal.throwIfAborted();
    await delay(Math.max(0, startedAt + step.atMs - performance.now()));
    const ending = await carryOutOne(world, step);
    if (ending) frozen.push(ending.thawed);
  }
  const left = startedAt + world.options.seconds * 1_000 - performance.now();
  await delay(Math.max(0, left));
  await Promise.all(frozen);
}

async function carryOutOne(world: World, step: Step): Promise<{ thawed: Promise<void> } | null> {
  const { fleet, scratch, sinks, damage } = world;
  switch (step.do) {
    case 'kill':
      await untilWorking(world);
      while (!fleet.kill(step.role)) await untilUp(fleet);
      damage[step.role] += 1;
      return null;
    case 'freeze':
      await untilUp(fleet);
      damage.freezes += 1;
      return { thawed: fleet.freeze(step.forMs) };
    case 'database':
      do await scratch.ready();
      while (!(await scratch.disturb(step.how)));
      damage[step.how === 'kill' ? 'database' : 'databaseRestarts'] += 1;
      return null;
    case 'sink':
      await sinks[step.sink]?.set(step.fault);
      if (step.fault.kind !== 'none') damage.sinkFaults += 1;
      return null;
  }
}

/** Waits until nothing is left to be sent; retries that are far ahead are brought forward. */
async function drain(
  { fleet, scratch, options }: World,
  accounts: readonly TestAccount[],
): Promise<boolean> {
  const end = performance.now() + DRAIN_MS;
  for (let round = 0; performance.now() < end; round += 1) {
    const open = await countOpen(scratch.database.pool);
    if (open === 0) return true;
    if (round % 5 === 4) {
      options.onProgress(`  ${open} mails are still under way`);
      await wakeAll(fleet, accounts);
    }
    await delay(1_000);
  }
  return false;
}

async function wakeAll(fleet: Fleet, accounts: readonly TestAccount[]): Promise<void> {
  const [url] = fleet.urls();
  if (url === undefined) return;
  try {
    for (const account of accounts) await setPolicy(url, account);
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
  }
}

function describeProgress({ sinks, damage, fleet, open }: World, { accepted }: Clients): string {
  const taken = sinks.map(({ name, ledger }) => `${name} ${ledger.length}`).join(', ');
  const { worker, api, database, databaseRestarts, sinkFaults } = damage;
  return (
    `  ${accepted.length} accepted, ${open} to be sent · taken by ${taken} · kills: worker ${worker}, api ${api}, ` +
    `database ${database} · restarts ${databaseRestarts} · faults of sinks ${sinkFaults} · ` +
    `running: ${fleet.countUp('api')} api, ${fleet.countUp('worker')} worker`
  );
}
