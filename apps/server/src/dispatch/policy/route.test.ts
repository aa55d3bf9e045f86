import type { ApiKeyMode, ProviderName, RoutingStrategy } from '@courierx/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explainPlan } from './explain.ts';
import { planNext, type Candidate } from './plan.ts';
import {
  inSpecificOrder,
  matchRule,
  routeMail,
  whyNoMatch,
  type RoutedMail,
  type Rule,
  type RuleConnection,
} from './route.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const LATER = new Date('2026-11-23T12:01:00Z');
const NONE: ReadonlySet<string> = new Set();

function connection(id: string, over: Partial<Candidate> = {}): Candidate {
  return {
    ...{ id, displayName: id, provider: 'smtp', status: 'verified' },
    ...{ isDisabled: false, pausedUntil: null, pauseReason: null },
    ...over,
  };
}

function member(connectionId: string, over: Partial<RuleConnection> = {}): RuleConnection {
  return { connectionId, priority: 1, weight: 1, failoverOnly: false, ...over };
}

function rule(over: Partial<Rule> = {}): Rule {
  return {
    ...{ id: over.name ?? 'rule', name: 'rule', strategy: 'priority', isSandboxOnly: false },
    ...{ senderDomain: null, recipientDomain: null, tag: null },
    connections: [member('A')],
    ...over,
  };
}

const mail = (over: Partial<RoutedMail> = {}): RoutedMail => ({
  ...{ mode: 'live', senderDomain: 'shop.example', tags: ['invoice'] },
  recipientDomains: ['gmail.com'],
  ...over,
});

describe('matching', () => {
  it('prefers the rule with the most parts, then the lower position', () => {
    const rules = inSpecificOrder([
      rule({ name: 'default' }),
      rule({ name: 'tag', tag: 'invoice' }),
      rule({ name: 'sender', senderDomain: 'shop.example' }),
      rule({ name: 'both', tag: 'invoice', recipientDomain: 'gmail.com' }),
    ]);
    expect(rules.map(({ name }) => name)).toEqual(['both', 'tag', 'sender', 'default']);
    expect(matchRule(rules, mail(), NONE)?.name).toBe('both');
    expect(matchRule(rules, mail({ recipientDomains: ['web.de'] }), NONE)?.name).toBe('tag');
    expect(matchRule(rules, mail({ tags: [], recipientDomains: [] }), NONE)?.name).toBe('sender');
    expect(matchRule(rules, mail({ tags: [], senderDomain: 'x.org' }), NONE)?.name).toBe('default');
  });

  it.each<[Partial<Rule>, Partial<RoutedMail>, string | null]>([
    [{}, {}, null],
    [{ senderDomain: 'shop.example' }, {}, null],
    [{ senderDomain: 'a.example' }, {}, "the sender's domain is not a.example"],
    [{ recipientDomain: 'gmail.com' }, {}, null],
    [
      { recipientDomain: 'gmail.com' },
      { recipientDomains: ['gmail.com', 'web.de'] },
      'not every recipient is at gmail.com',
    ],
    [{ tag: 'news' }, {}, 'it has no tag "news"'],
    [{ connections: [] }, {}, 'all its connections were deleted'],
    [{}, { mode: 'test' }, 'it names no sandbox, and test mail goes nowhere else'],
  ])('says why: %o for %o', (ofRule, ofMail, reason) => {
    expect(whyNoMatch(rule(ofRule), mail(ofMail), NONE)).toBe(reason);
  });

  it('never lets the sandbox that is left of a rule swallow live mail', () => {
    const left = rule({ connections: [member('S')] });
    expect(whyNoMatch(left, mail(), new Set(['S']))).toBe('all its connections were deleted');
    expect(whyNoMatch(left, mail({ mode: 'test' }), new Set(['S']))).toBeNull();
    expect(whyNoMatch({ ...left, isSandboxOnly: true }, mail(), new Set(['S']))).toBeNull();
  });
});

type Options = {
  rule?: Rule | null;
  connections: readonly Candidate[];
  mode?: ApiKeyMode;
  turn?: number;
  misfits?: readonly string[];
};

function route({ rule: by = null, connections, mode = 'live', turn = 0, misfits = [] }: Options) {
  return routeMail({
    ...{ rule: by, connections, mode, turn },
    findMisfit: ({ id }) =>
      misfits.includes(id) ? { field: 'attachments', limit: 'carries at most 25 MB' } : null,
  });
}

function plan(options: Options, tried: readonly string[] = []) {
  const { mode = 'live' } = options;
  return planNext({ route: route(options), mode, tried: new Set(tried), now: NOW });
}

describe('without a rule', () => {
  const connections = [connection('A'), connection('B'), connection('S', { provider: 'sandbox' })];

  it('goes by priority, past what can not be used', () => {
    expect(plan({ connections }).next?.id).toBe('A');
    expect(plan({ connections }, ['A']).next?.id).toBe('B');
    expect(plan({ connections }, ['A', 'B']).next).toBeNull();
  });

  it('keeps test mail in the sandbox, and live mail out of it while there is anything else', () => {
    expect(plan({ connections, mode: 'test' }).next?.id).toBe('S');
    expect(plan({ connections: connections.slice(2) }).next?.id).toBe('S');
    const down = connections.map((one) => ({ ...one, isDisabled: one.provider !== 'sandbox' }));
    expect(plan({ connections: down }).next).toBeNull();
  });

  it('passes over what can not carry the mail, and says so', () => {
    const { next, trace } = plan({ connections, misfits: ['A'] });
    expect(next?.id).toBe('B');
    expect(trace).toEqual([
      "A: passed over, can't carry it: smtp carries at most 25 MB (attachments)",
      'B: used',
    ]);
    const none = plan({ connections, misfits: ['A', 'B'] });
    expect(none.next).toBeNull();
    expect(none.waitReason).toContain('carries at most 25 MB');
  });
});

describe('the strategies', () => {
  const connections = ['A', 'B', 'C'].map((id) => connection(id));
  const abc = [member('A'), member('B', { priority: 2 }), member('C', { priority: 3 })];
  const by = (strategy: RoutingStrategy, members: readonly RuleConnection[] = abc) =>
    rule({ strategy, connections: members });

  it('priority goes by the order of the rule, not of the connections', () => {
    const reversed = by('priority', [
      member('A', { priority: 3 }),
      member('B', { priority: 2 }),
      member('C', { priority: 1 }),
    ]);
    expect(plan({ rule: reversed, connections }).trace).toEqual([
      'Rule "rule": priority',
      'C: used',
    ]);
    expect(plan({ rule: reversed, connections }, ['C']).next?.id).toBe('B');
  });

  it('weighted falls back in order after a failed attempt', () => {
    const weighted = by('weighted', [
      member('A', { weight: 1 }),
      member('B', { priority: 2, weight: 1 }),
      member('C', { priority: 3, weight: 98 }),
    ]);
    const firsts = new Set<string>();
    for (let turn = 0; turn < 1_000; turn += 1) {
      const first = plan({ rule: weighted, connections, turn }).next?.id ?? '';
      firsts.add(first);
      const second = plan({ rule: weighted, connections, turn }, [first]).next?.id;
      expect(second).toBe(first === 'A' ? 'B' : 'A');
    }
    expect(firsts).toEqual(new Set(['A', 'B', 'C']));
  });

  it('round robin goes on round after a failed attempt', () => {
    const order = (turn: number) => {
      const first = plan({ rule: by('round_robin'), connections, turn }).next?.id ?? '';
      return [first, plan({ rule: by('round_robin'), connections, turn }, [first]).next?.id];
    };
    expect([0, 1, 2].map((turn) => order(turn)[0])).toEqual(['A', 'B', 'C']);
    expect(new Set([0, 3].map((turn) => order(turn)[1]))).toEqual(new Set(['B', 'C']));
  });

  it('failover_only insists on the first of those that have a share alone', () => {
    const insisted = (strategy: RoutingStrategy) =>
      route({ rule: by(strategy), connections }).steps.filter(({ isInsisted }) => isInsisted);
    expect(insisted('failover_only').map(({ connection: { id } }) => id)).toEqual(['A']);
    expect(insisted('priority')).toEqual([]);
    const options = { rule: by('failover_only'), connections };
    expect(plan(options, ['A']).next?.id).toBe('B');
  });

  it.each<Partial<Candidate>>([
    { isDisabled: true },
    { status: 'invalid' },
    { pausedUntil: LATER, pauseReason: 'rate limited' },
  ])('failover_only does not ask in vain: %o', (state) => {
    const [, b, c] = connections;
    const known = [connection('A', state), b, c].filter((one) => one !== undefined);
    expect(plan({ rule: by('failover_only'), connections: known }).next?.id).toBe('B');
  });

  it('keeps failover_only connections out of shares and turns, and uses them last', () => {
    const reserve = [member('A', { failoverOnly: true, priority: 0 }), member('B'), member('C')];
    for (const strategy of ['priority', 'weighted', 'round_robin', 'failover_only'] as const) {
      for (let turn = 0; turn < 20; turn += 1) {
        const options = { rule: by(strategy, reserve), connections, turn };
        expect(plan(options).next?.id).not.toBe('A');
        expect(plan(options, ['B', 'C']).next?.id).toBe('A');
      }
    }
    const all = abc.map((one) => ({ ...one, failoverOnly: true }));
    expect(plan({ rule: by('weighted', all), connections }).next?.id).toBe('A');
  });
});

const strategies = fc.constantFrom('priority', 'weighted', 'round_robin', 'failover_only');
const states = fc.constantFrom<Partial<Candidate>>(
  {},
  {},
  { isDisabled: true },
  { status: 'invalid' },
  { pausedUntil: LATER, pauseReason: 'rate limited' },
);
const members = fc.uniqueArray(
  fc.record({
    connectionId: fc.constantFrom('A', 'B', 'C', 'D', 'E'),
    priority: fc.nat({ max: 3 }),
    weight: fc.nat({ max: 3 }),
    failoverOnly: fc.boolean(),
  }),
  { minLength: 1, selector: ({ connectionId }) => connectionId },
);
const scenes = fc.record({
  strategy: strategies,
  members,
  turn: fc.nat({ max: 2 ** 32 - 1 }),
  connections: fc
    .tuple(states, states, states, states, states)
    .map((given) => given.map((state, index) => connection('ABCDE'[index] ?? '', state))),
  misfits: fc.subarray(['A', 'B', 'C', 'D', 'E'], { maxLength: 2 }),
});

describe('any rule over connections in any state', () => {
  it('never picks one that can not be used, and always one where one can', () => {
    fc.assert(
      fc.property(scenes, ({ strategy, members: named, turn, connections, misfits }) => {
        const options = {
          rule: rule({ strategy, connections: named }),
          connections,
          turn,
          misfits,
        };
        const usable = connections.filter(
          ({ id, isDisabled, status, pausedUntil }) =>
            named.some(({ connectionId }) => connectionId === id) &&
            !(isDisabled || status === 'invalid' || pausedUntil !== null || misfits.includes(id)),
        );
        const tried: string[] = [];
        for (const { length } = usable; tried.length < length;) {
          const { next } = plan(options, tried);
          expect(usable.map(({ id }) => id)).toContain(next?.id);
          expect(tried).not.toContain(next?.id);
          tried.push(next?.id ?? '');
        }
        expect(plan(options, tried).next).toBeNull();
      }),
    );
  });

  it('uses a failover_only connection only when no regular one can be used', () => {
    fc.assert(
      fc.property(scenes, ({ strategy, members: named, turn, connections, misfits }) => {
        const options = {
          rule: rule({ strategy, connections: named }),
          connections,
          turn,
          misfits,
        };
        const { next } = plan(options);
        if (!named.find(({ connectionId }) => connectionId === next?.id)?.failoverOnly) return;
        const regular = named.filter(({ failoverOnly }) => !failoverOnly);
        const tried = connections
          .map(({ id }) => id)
          .filter((id) => !regular.some(({ connectionId }) => connectionId === id));
        expect(plan(options, tried).next).toBeNull();
      }),
    );
  });

  it('is explained as it is planned, with every connection named once', () => {
    fc.assert(
      fc.property(scenes, ({ strategy, members: named, turn, connections, misfits }) => {
        const options = {
          rule: rule({ strategy, connections: named }),
          connections,
          turn,
          misfits,
        };
        const input = { route: route(options), mode: 'live', tried: NONE, now: NOW } as const;
        const explained = explainPlan(input, connections);
        const { next, waitReason } = planNext(input);
        const used = explained.connections.filter(({ decision }) => decision === 'used');
        expect(used.map(({ id }) => id)).toEqual(next ? [next.id] : []);
        expect(explained.waits).toBe(waitReason);
        const ids = explained.connections.map(({ id }) => id);
        expect(ids.toSorted()).toEqual(['A', 'B', 'C', 'D', 'E']);
        expect(explained.connections.every(({ reason }) => reason !== '')).toBe(true);
        const shares = explained.connections.flatMap(({ share }) => share ?? []);
        const sum = shares.reduce((total, share) => total + share, 0);
        expect(sum === 0 || Math.abs(sum - 1) < 0.001).toBe(true);
      }),
    );
  });
});

describe('a rule with a sandbox beside others', () => {
  const provider: ProviderName = 'sandbox';
  const connections = [connection('S', { provider }), connection('A')];
  const both = rule({ connections: [member('S'), member('A', { priority: 2 })] });

  it('sends live mail past it and test mail only there', () => {
    expect(plan({ rule: both, connections }).next?.id).toBe('A');
    expect(plan({ rule: both, connections }, ['A']).next).toBeNull();
    expect(plan({ rule: both, connections, mode: 'test' }).next?.id).toBe('S');
  });
});
