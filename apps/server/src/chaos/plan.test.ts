import { describe, expect, it } from 'vitest';
import { makePlan } from './plan.ts';

const OPTIONS = { seed: 7, kills: 30, seconds: 60, sinks: 2 };

describe('makePlan', () => {
  it('makes the same plan from the same seed, and another from another', () => {
    expect(makePlan(OPTIONS)).toEqual(makePlan(OPTIONS));
    expect(makePlan({ ...OPTIONS, seed: 8 })).not.toEqual(makePlan(OPTIONS));
  });

  it('has as many kills as asked for, some of each kind', () => {
    const plan = makePlan(OPTIONS);
    const kills = plan.filter(
      (step) => step.do === 'kill' || (step.do === 'database' && step.how === 'kill'),
    );
    expect(kills).toHaveLength(30);
    const kinds = plan.map((step) =>
      step.do === 'kill' ? step.role : step.do === 'database' ? step.how : step.do,
    );
    expect([...new Set(kinds)].sort()).toEqual(
      ['api', 'fast', 'freeze', 'immediate', 'kill', 'sink', 'worker'].sort(),
    );
  });

  it('is in order, and leaves every sink well', () => {
    const plan = makePlan({ ...OPTIONS, seconds: 20 });
    const times = plan.map(({ atMs }) => atMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const sink of [0, 1]) {
      const last = plan.findLast((step) => step.do === 'sink' && step.sink === sink);
      expect(last).toMatchObject({ fault: { kind: 'none' } });
    }
  });
});
