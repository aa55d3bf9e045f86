import type { CreateRoutingRuleRequest } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../../test/support/mail-fixture.ts';
import { failed } from '../../test/support/scripted-provider.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Outcome } from '../providers/outcome.ts';
import { wakeWaiting } from '../queue/wake-waiting.ts';

let mail: MailFixture;
let account: string;

beforeAll(async () => {
  mail = await createMailFixture();
  mail.startDispatcher({ pollMs: 100 });
  mail.startDispatcher({ pollMs: 100 });
});
afterAll(() => mail.close());
beforeEach(async () => {
  account = await mail.createAccount();
});

const addRule = (rule: Partial<CreateRoutingRuleRequest>) => mail.createRule(account, rule);

function settled(id: string) {
  return waitFor(
    async () => {
      const email = await mail.get(account, id);
      return email.status !== 'queued' && email;
    },
    { what: `email ${id} to be settled` },
  );
}

async function reasonOf(id: string, part: string) {
  return waitFor(
    async () => {
      const { status_reason: reason } = await mail.get(account, id);
      return reason?.includes(part) === true && reason;
    },
    { what: `email ${id} to wait for "${part}"` },
  );
}

/** A fault that says nothing of the connection's health. */
function deferred(): Extract<Outcome, { kind: 'failed' }> {
  return {
    ...{ kind: 'failed', scope: 'recipient', reason: 'recipient_deferred' },
    ...{ detail: 'greylisted', statusCode: 451, retryAfterMs: null },
  };
}

function countBy(connections: readonly string[]): number[] {
  return connections.map(
    (id) => mail.smtp.accepted.filter(({ connectionId }) => connectionId === id).length,
  );
}

async function addThree(): Promise<string[]> {
  return [
    await mail.addConnection(account, { priority: 1, displayName: 'A' }),
    await mail.addConnection(account, { priority: 2, displayName: 'B' }),
    await mail.addConnection(account, { priority: 3, displayName: 'C' }),
  ];
}

describe('mail under a rule', () => {
  it('takes even turns over two dispatchers', async () => {
    const ids = await addThree();
    await addRule({
      strategy: 'round_robin',
      connections: ids.map((id) => ({ connection_id: id })),
    });
    const sent = await Promise.all(Array.from({ length: 90 }, () => mail.send(account)));
    await Promise.all(sent.map(({ id }) => settled(id)));
    expect(countBy(ids)).toEqual([30, 30, 30]);
  });

  it('gives the turns of one that is down to the others, one by one', async () => {
    const ids = await addThree();
    await mail.database.kysely
      .updateTable('connections')
      .set({ disabledAt: new Date() })
      .where('accountId', '=', account)
      .where('displayName', '=', 'B')
      .execute();
    await addRule({
      strategy: 'round_robin',
      connections: ids.map((id) => ({ connection_id: id })),
    });
    const sent = await Promise.all(Array.from({ length: 90 }, () => mail.send(account)));
    const first = await settled(sent[0]?.id ?? '');
    await Promise.all(sent.map(({ id }) => settled(id)));
    expect(countBy(ids)).toEqual([45, 0, 45]);
    expect(first.attempts[0]?.trace[0]).toBe('Rule "Rule": round_robin');
  });

  it('is shared out by weight, and falls back in order', async () => {
    const ids = await addThree();
    const [a = '', b = ''] = ids;
    mail.smtp.script(a, deferred);
    await addRule({
      strategy: 'weighted',
      connections: [
        { connection_id: a, weight: 60 },
        { connection_id: b, weight: 40, priority: 9 },
        { connection_id: ids[2] ?? '', weight: 0, priority: 1 },
      ],
    });
    const sent = await Promise.all(Array.from({ length: 50 }, () => mail.send(account)));
    const emails = await Promise.all(sent.map(({ id }) => settled(id)));
    const paths = emails.map(({ attempts }) =>
      attempts.map((attempt) => attempt.provider_connection_name).join(' '),
    );
    expect(new Set(paths)).toEqual(new Set(['A C', 'B']));
    const direct = paths.filter((path) => path === 'B').length;
    expect(Math.abs(direct - 20)).toBeLessThanOrEqual(2);
  });

  it('is tried by the first of failover_only each time, however often that fails', async () => {
    const ids = await addThree();
    mail.smtp.script(ids[0] ?? '', () => failed('server_error'));
    await addRule({
      strategy: 'failover_only',
      connections: ids.map((id) => ({ connection_id: id })),
    });
    for (let count = 0; count < 12; count += 1) {
      const { id } = await mail.send(account);
      const { attempts } = await settled(id);
      expect(attempts.map((attempt) => attempt.provider_connection_name)).toEqual(['A', 'B']);
    }
  });

  it('goes by priority once its rule is deleted, or has no connection left', async () => {
    const [a = '', b = ''] = await addThree();
    const rule = await addRule({ connections: [{ connection_id: b }] });
    expect((await settled((await mail.send(account)).id)).attempts[0]?.trace).toEqual([
      'Rule "Rule": priority',
      'B: used',
    ]);
    await mail.deleteRule(account, rule.id);
    expect((await settled((await mail.send(account)).id)).attempts[0]?.trace).toEqual(['A: used']);
    await addRule({ connections: [{ connection_id: a }] });
    await mail.database.kysely
      .deleteFrom('connections')
      .where('accountId', '=', account)
      .where('id', '=', a)
      .execute();
    expect((await settled((await mail.send(account)).id)).attempts[0]?.trace).toEqual(['B: used']);
  });
});

describe('mail that waits', () => {
  it('goes out as soon as a rule leads it elsewhere', async () => {
    const [a = '', b = ''] = await addThree();
    const rule = await addRule({ connections: [{ connection_id: a }] });
    await mail.database.kysely
      .updateTable('connections')
      .set({ disabledAt: new Date() })
      .where('accountId', '=', account)
      .where('id', '=', a)
      .execute();
    const { id } = await mail.send(account);
    expect(await reasonOf(id, 'disabled')).toContain('Rule "Rule": priority; A: passed over');
    await addRule({
      match: { recipient_domain: 'example.com' },
      connections: [{ connection_id: b }],
    });
    expect((await settled(id)).attempts[0]?.provider_connection_name).toBe('B');
    await mail.deleteRule(account, rule.id);
  });

  it('says what can not be carried, until something can', async () => {
    const before = mail.smtp.capabilities;
    mail.sandbox.capabilities = { ...before, multipleReplyTo: false };
    await mail.addConnection(account, { provider: 'sandbox', displayName: 'Box' });
    await mail.database.kysely
      .updateTable('connections')
      .set({ disabledAt: new Date() })
      .where('accountId', '=', account)
      .execute();
    const { id } = await mail.send(account, { reply_to: ['a@example.com', 'b@example.com'] });
    await mail.database.kysely
      .updateTable('connections')
      .set({ disabledAt: null })
      .where('accountId', '=', account)
      .execute();
    await wakeWaiting(mail.database.pool, account);
    expect(await reasonOf(id, 'carry')).toContain(
      "Box: passed over, can't carry it: sandbox carries only one address (reply_to)",
    );
    await mail.addConnection(account, { displayName: 'Real' });
    await wakeWaiting(mail.database.pool, account);
    const email = await settled(id);
    expect(email.attempts.map((attempt) => attempt.provider_connection_name)).toEqual(['Real']);
    mail.sandbox.capabilities = before;
  });

  it('misses no change that was made while it was under way', async () => {
    const only = await mail.addConnection(account, { displayName: 'Only' });
    mail.smtp.script(only, async () => {
      // The mail holds its lease: waking finds nothing that waits.
      await mail.addConnection(account, { priority: 2, displayName: 'New' });
      await wakeWaiting(mail.database.pool, account);
      return { ...deferred(), retryAfterMs: 60 * 60_000 };
    });
    const { id } = await mail.send(account);
    const { attempts } = await settled(id);
    expect(attempts.at(-1)).toMatchObject({ outcome: 'accepted' });
  });
});
