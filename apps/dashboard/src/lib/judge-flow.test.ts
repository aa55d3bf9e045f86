import type { ConnectionHealthState, ProviderConnection, RoutingRule } from '@courierx/contract';
import { describe, expect, it } from 'vitest';
import { judgeFlow } from './judge-flow.ts';

type Given = { state?: ConnectionHealthState; enabled?: boolean; provider?: 'smtp' | 'sandbox' };

/** Their priorities are their places. */
function connections(given: Readonly<Record<string, Given>>): ProviderConnection[] {
  return Object.entries(given).map(
    ([id, { state = 'healthy', enabled = true, provider = 'smtp' }], priority) =>
      ({
        ...{ id, display_name: id, priority, enabled, provider },
        health: { state, reason: null, since: null, next_probe_at: null, receivers: [] },
      }) as unknown as ProviderConnection,
  );
}

function rule(given: Partial<RoutingRule>, members: readonly (readonly [string, boolean])[]) {
  return {
    ...{ name: 'News', enabled: true, strategy: 'priority' },
    match: { sender_domain: null, recipient_domain: null, tag: 'news' },
    connections: members.map(([id, isBackup], priority) => ({
      ...{ connection_id: id, priority, failover_only: isBackup },
    })),
    ...given,
  } as unknown as RoutingRule;
}

const judge = (all: ProviderConnection[], rules: RoutingRule[] = [], queued = 0) =>
  judgeFlow({ connections: all, rules, queued }).map(({ title, isStopped }) => [title, isStopped]);

describe('whether mail flows', () => {
  it('says nothing while the first choice is well', () => {
    expect(judge(connections({ Main: {}, Backup: { state: 'down' } }))).toEqual([]);
  });

  it.each(['down', 'invalid', 'throttled', 'recovering'] as const)(
    'says that mail runs on a backup while the first choice is %s',
    (state) => {
      expect(judge(connections({ Main: { state }, Backup: {} }))).toEqual([
        ['Mail runs on a backup: Backup', false],
      ]);
    },
  );

  it('says so of a paused first choice too, and of one that refuses some receivers', () => {
    expect(judge(connections({ Main: { enabled: false }, Backup: {} }))).toEqual([
      ['Mail runs on a backup: Backup', false],
    ]);
    expect(judge(connections({ Main: { state: 'degraded' }, Backup: {} }))).toEqual([
      ['Mail partly runs on a backup: Backup', false],
    ]);
  });

  it('says that nothing goes out when nothing takes mail', () => {
    const all = connections({ Main: { state: 'down' }, Backup: { enabled: false } });
    expect(judge(all)).toEqual([['No mail can go out.', true]]);
    expect(judge([], [], 3)).toEqual([['No mail can go out.', true]]);
    expect(judge([], [], 0)).toEqual([]);
  });

  it('does not call a rest of a moment an end', () => {
    expect(judge(connections({ Main: { state: 'throttled' } }))).toEqual([
      ['Mail may be late: no connection is well.', false],
    ]);
  });

  it('does not count on a sandbox beside real providers', () => {
    const all = connections({ Main: { state: 'down' }, Sandbox: { provider: 'sandbox' } });
    expect(judge(all)).toEqual([['No mail can go out.', true]]);
    expect(judge(connections({ Sandbox: { provider: 'sandbox' } }))).toEqual([]);
  });

  it('looks at the way of each rule, the worst first', () => {
    const all = connections({ Main: {}, Other: { state: 'down' }, Spare: {} });
    const rules = [
      rule({ name: 'Shares', strategy: 'weighted' }, [
        ['Main', false],
        ['Other', false],
        ['Spare', true],
      ]),
      rule({ name: 'Alone' }, [['Other', false]]),
      rule({ name: 'Off', enabled: false }, [['Other', false]]),
    ];
    expect(judge(all, rules)).toEqual([
      ['No mail under the rule “Alone” can go out.', true],
      ['Mail under the rule “Shares” runs on a backup: Main, Spare', false],
    ]);
  });

  it('says once, not of every rule, that nothing goes out', () => {
    const all = connections({
      ...{ Main: { enabled: false }, Other: { state: 'down' } },
      Sandbox: { provider: 'sandbox' },
    });
    const rules = [
      rule({ name: 'News' }, [['Main', false]]),
      rule({ name: 'Shop' }, [
        ['Other', false],
        ['Main', true],
      ]),
    ];
    expect(judge(all, rules)).toEqual([['No mail can go out.', true]]);
    const caught = rule({ name: 'Caught' }, [['Sandbox', false]]);
    expect(judge(all, [...rules, caught])).toEqual([
      ['No mail under the rule “News” can go out.', true],
      ['No mail under the rule “Shop” can go out.', true],
      ['No mail can go out.', true],
    ]);
  });

  it('looks at the default rule in the place of priorities', () => {
    const all = connections({ Main: { state: 'down' }, Other: {} });
    const match = { sender_domain: null, recipient_domain: null, tag: null };
    expect(judge(all, [rule({ name: 'All', match }, [['Other', false]])])).toEqual([]);
  });
});
