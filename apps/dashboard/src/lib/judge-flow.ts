import type { ProviderConnection, RoutingRule } from '@courierx/contract';

/** Something of the way of mail that its owner should know at once. */
export type Trouble = {
  readonly title: string;
  readonly why: string;
  /** Mail waits; else it goes, by another way than the first. */
  readonly isStopped: boolean;
};

type Facts = {
  readonly connections: readonly ProviderConnection[];
  readonly rules: readonly RoutingRule[];
  /** Mails that wait. */
  readonly queued: number;
};

type Way = {
  /** Whose mail it is: `Mail`, `Mail under the rule “Newsletters”`. */
  readonly whose: string;
  /** Those that take turns or shares are all first. */
  readonly first: readonly ProviderConnection[];
  readonly backups: readonly ProviderConnection[];
};

/** What is wrong with the ways mail takes, the worst first. Test mail is left out. */
export function judgeFlow({ connections, rules, queued }: Facts): readonly Trouble[] {
  if (connections.length === 0) {
    if (queued === 0) return [];
    return [
      { title: 'No mail can go out.', why: `Nothing is connected. ${KEPT}`, isStopped: true },
    ];
  }
  const byId = new Map(connections.map((connection) => [connection.id, connection]));
  const ruled = rules.filter(({ enabled }) => enabled).map((rule) => wayOfRule(rule, byId));
  const taken = ruled.filter((way) => way.first.length + way.backups.length > 0);
  const hasDefault = rules.some(
    ({ enabled, match, connections: members }) =>
      enabled && members.length > 0 && Object.values(match).every((part) => part === null),
  );
  const ways = hasDefault ? taken : [...taken, wayByPriority(connections)];
  // Told once, not of every rule.
  if (!ways.some(({ first, backups }) => [...first, ...backups].some(takesSome))) {
    return [nothingGoes('mail', liveOnes(connections))];
  }
  const troubles = ways.map(judgeWay).filter((trouble) => trouble !== null);
  return troubles.toSorted((one, other) => Number(other.isStopped) - Number(one.isStopped));
}

const KEPT = 'What you send is kept, and goes out as soon as a connection takes mail.';

function judgeWay({ whose, first, backups }: Way): Trouble | null {
  const resting = first.filter((connection) => whyResting(connection) !== null);
  const why = resting.map((one) => `${one.display_name}: ${whyResting(one) ?? ''}.`).join(' ');
  const takers = [...first, ...backups].filter(takesSome);
  if (takers.length === 0) {
    return nothingGoes(lower(whose), [...first, ...backups]);
  }
  if (resting.length === 0) return null;
  const instead = takers.filter((one) => whyResting(one) === null).map((one) => one.display_name);
  if (instead.length === 0) {
    return { title: `${whose} may be late: no connection is well.`, why, isStopped: false };
  }
  const isPart = resting.every(({ enabled, health }) => enabled && health.state === 'degraded');
  const runs = isPart ? 'partly runs' : 'runs';
  return { title: `${whose} ${runs} on a backup: ${instead.join(', ')}`, why, isStopped: false };
}

function nothingGoes(what: string, by: readonly ProviderConnection[]): Trouble {
  const all = by.map((one) => `${one.display_name}: ${whyResting(one) ?? ''}.`);
  return { title: `No ${what} can go out.`, why: `${all.join(' ')} ${KEPT}`, isStopped: true };
}

const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** Why it does not take all mail; null where it does. */
function whyResting({ enabled, health }: ProviderConnection): string | null {
  if (!enabled) return 'paused';
  if (health.state === 'healthy') return null;
  const [first] = health.receivers;
  const where = health.state === 'degraded' && first ? ` for ${first.receiver}` : '';
  const words = `${WORDS[health.state] ?? health.state}${where}`;
  return health.reason === null ? words : `${words} (${trim(health.reason)})`;
}

const WORDS: Readonly<Record<string, string>> = {
  throttled: 'rests at its provider’s request',
  recovering: 'is tried with a few mails',
  invalid: 'its credentials are refused',
};

const trim = (sentence: string) => sentence.replace(/[.\s]+$/, '');

function takesSome({ enabled, health: { state } }: ProviderConnection): boolean {
  return enabled && state !== 'down' && state !== 'invalid';
}

function wayByPriority(all: readonly ProviderConnection[]): Way {
  const [first, ...backups] = liveOnes(all).toSorted((a, b) => a.priority - b.priority);
  return { whose: 'Mail', first: first === undefined ? [] : [first], backups };
}

function wayOfRule(
  { name, strategy, connections }: RoutingRule,
  byId: ReadonlyMap<string, ProviderConnection>,
): Way {
  const members = connections.toSorted((a, b) => a.priority - b.priority);
  const known = members.flatMap(({ connection_id: id }) => byId.get(id) ?? []);
  const live = new Set(liveOnes(known).map(({ id }) => id));
  const ofKind = (isBackup: boolean) =>
    members.flatMap(({ connection_id: id, failover_only: isKept }) => {
      const connection = byId.get(id);
      return connection && isKept === isBackup && live.has(id) ? [connection] : [];
    });
  const order = [...ofKind(false), ...ofKind(true)];
  const isDealt = strategy === 'weighted' || strategy === 'round_robin';
  const firsts = isDealt ? Math.max(1, ofKind(false).length) : 1;
  return {
    whose: `Mail under the rule “${name}”`,
    first: order.slice(0, firsts),
    backups: order.slice(firsts),
  };
}

/** A sandbox takes live mail only where there is nothing else. */
function liveOnes(all: readonly ProviderConnection[]): readonly ProviderConnection[] {
  const real = all.filter(({ provider }) => provider !== 'sandbox');
  return real.length === 0 ? all : real;
}
