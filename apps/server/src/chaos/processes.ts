import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const COMMAND = fileURLToPath(new URL('../../bin/courierx.js', import.meta.url));
const CLOCK = new URL('./step-clock.ts', import.meta.url);

export type Role = 'worker' | 'api';

export type FleetOptions = {
  /** One that does `all` is an api process to those who kill: its mail goes to the worker in it. */
  readonly roles: readonly (Role | 'all')[];
  readonly env: Readonly<Record<string, string>>;
  /** Clocks jump by up to this, either way. */
  readonly clockStepMs: number;
  readonly seed: number;
  readonly random: () => number;
};

/** Real `courierx start` processes; one that ends is started again. */
export type Fleet = {
  /** Of the api processes that listen. */
  urls(): string[];
  hasBoth(): boolean;
  /** How many of a role run and are not frozen. */
  countUp(role: Role): number;
  /** `kill -9` of one that runs; false when none of that role does. */
  kill(role: Role): boolean;
  /** Stops a worker's every thread for a while, as a machine does that is paused. */
  freeze(forMs: number): Promise<void>;
  /** What the processes printed last. */
  lastWords(): string;
  stop(): Promise<void>;
};

type Member = {
  readonly role: Role;
  readonly startsAs: Role | 'all';
  child: ChildProcess | null;
  url: string | null;
  isUp: boolean;
};

type Spawned = ReturnType<typeof spawnServer>;

const KEPT_CHARACTERS = 20_000;
const RESTART_MS = 200;

export function startFleet(options: FleetOptions): Fleet {
  const members = options.roles.map((startsAs): Member => {
    const role = startsAs === 'all' ? 'api' : startsAs;
    return { role, startsAs, child: null, url: null, isUp: false };
  });
  const frozen = new Set<ChildProcess>();
  let isOver = false;
  let words = '';
  let started = 0;

  async function run(member: Member): Promise<void> {
    while (!isOver) {
      started += 1;
      const child = spawnServer(options, member.startsAs, started);
      member.child = child;
      watch(member, child, (text) => (words = (words + text).slice(-KEPT_CHARACTERS)));
      await once(child, 'exit');
      Object.assign(member, { child: null, url: null, isUp: false });
      frozen.delete(child);
      await delay(RESTART_MS);
    }
  }

  const running = Promise.all(members.map(run));
  const upOf = (role: Role) =>
    members.flatMap(({ child, ...member }) =>
      member.role === role && member.isUp && child && !frozen.has(child) ? [child] : [],
    );
  const drawOf = (role: Role) => {
    const all = upOf(role);
    return all[Math.floor(options.random() * all.length)];
  };
  return {
    urls: () => members.flatMap(({ url }) => url ?? []),
    hasBoth: () => upOf('worker').length > 0 && upOf('api').length > 0,
    countUp: (role) => upOf(role).length,
    kill: (role) => drawOf(role)?.kill('SIGKILL') ?? false,
    async freeze(forMs) {
      const child = drawOf('worker');
      if (!child) return;
      frozen.add(child);
      child.kill('SIGSTOP');
      await delay(forMs);
      child.kill('SIGCONT');
      frozen.delete(child);
    },
    lastWords: () => words,
    async stop() {
      isOver = true;
      for (const { child } of members) child?.kill('SIGTERM');
      const late = setTimeout(() => {
        for (const { child } of members) child?.kill('SIGKILL');
      }, 30_000);
      await running;
      clearTimeout(late);
    },
  };
}

/** Follows what the process prints until it says that it is up. */
function watch(member: Member, child: Spawned, onText: (text: string) => void): void {
  let output = '';
  const collect = (chunk: Buffer) => {
    onText(chunk.toString());
    if (member.isUp) return;
    output += chunk.toString();
    member.url = /listening on (http:\S+)/.exec(output)?.[1] ?? null;
    member.isUp = output.includes('Ctrl-C stops it');
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
}

/** Fills the compile cache that `env` names: a process that is killed never writes it. */
export async function warmUp(env: Readonly<Record<string, string>>): Promise<void> {
  await once(spawn(process.execPath, [COMMAND, '--help'], { env, stdio: 'ignore' }), 'exit');
}

function spawnServer(
  { env, clockStepMs, seed }: FleetOptions,
  role: Member['startsAs'],
  n: number,
) {
  const clock = `${CLOCK.href}?seed=${seed + n}&max_ms=${clockStepMs}`;
  return spawn(process.execPath, ['--import', clock, COMMAND, 'start', '--role', role], {
    // What chaos runs under must not reach what it starts.
    env: { NODE_ENV: 'production', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}
