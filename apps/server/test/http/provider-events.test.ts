import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailFixture, type MailFixture } from '../support/mail-fixture.ts';
import {
  mailgunEvent,
  mailgunRequest,
  SIGNING_KEY,
  type EventFields,
} from '../support/mailgun-events.ts';
import { quietEventsDeps } from '../support/events-deps.ts';
import { waitFor } from '../support/wait-for.ts';
import { createMailgunWebhooks } from '../../src/providers/mailgun/webhooks.ts';
import type { WebhookRequest } from '../../src/providers/webhooks.ts';
import { findSilentConnections } from '../../src/services/connections/find-silent.ts';
import type { EventsDeps } from '../../src/events/deps.ts';
import { EventProcessor } from '../../src/events/processor.ts';
import { receiveWebhook } from '../../src/events/receive.ts';

let fixture: MailFixture;
let deps: EventsDeps;
let processor: EventProcessor;

/** Sending and hearing back are apart here: the scripted relay sends, Mailgun's words are heard. */
beforeAll(async () => {
  fixture = await createMailFixture();
  const noHttp = { request: () => Promise.reject(new Error('not used')), close: noop };
  Object.assign(fixture.smtp, { webhooks: createMailgunWebhooks(noHttp) });
  deps = quietEventsDeps(fixture);
  processor = new EventProcessor(deps, { pollMs: 20, leaseMs: 5_000, concurrency: 4 });
  processor.start();
});

afterAll(async () => {
  await processor.stop();
  await fixture.close();
});

const noop = () => Promise.resolve();

const createConnection = (accountId: string) =>
  fixture.addHearingConnection(accountId, SIGNING_KEY);

const post = (token: string, request: WebhookRequest) =>
  receiveWebhook(deps, { provider: 'smtp', token, request });
const tell = (token: string, event: EventFields) =>
  post(token, mailgunRequest(mailgunEvent(event)));

async function isProcessed(): Promise<boolean> {
  const result = await fixture.database.pool.query<{ n: number }>(
    `select (select count(*) from webhook_requests where run_at is not null)::int
          + (select count(*) from waiting_events)::int as n`,
  );
  return result.rows[0]?.n === 0;
}
const untilProcessed = () => waitFor(isProcessed, { timeoutMs: 20_000, what: 'all events' });

async function sendOne(accountId: string, body = {}) {
  const { id } = await fixture.send(accountId, body);
  await waitFor(async () => (await fixture.get(accountId, id)).attempts[0]?.finished_at, {
    what: 'an attempt',
  });
  return id;
}

const suppressionsOf = (accountId: string) =>
  fixture.database.kysely
    .selectFrom('suppressions')
    .selectAll()
    .where('accountId', '=', accountId)
    .orderBy('address')
    .execute();

const HARD = {
  event: 'failed',
  severity: 'permanent',
  reason: 'bounce',
  'delivery-status': { code: 550, 'enhanced-code': '5.1.1', message: 'no such user' },
};
const POLICY = {
  ...HARD,
  'delivery-status': { code: 550, 'enhanced-code': '5.7.1', message: 'blocked by policy' },
};
const FULL = {
  ...HARD,
  'delivery-status': { code: 552, 'enhanced-code': '5.2.2', message: 'mailbox full' },
};

describe('what is taken', () => {
  it('is what is signed, once; nothing is stored of the rest', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const event = mailgunEvent({ event: 'delivered', recipient: 'a@example.com' });
    const request = mailgunRequest(event, { token: 'used-once' });
    const altered = mailgunRequest({ ...event, event: 'opened' }, { token: 'used-once' });

    expect(await post('no-such-token-at-all', request)).toEqual({ kind: 'not_found' });
    expect(await receiveWebhook(deps, { provider: 'mailgun', token, request })).toEqual({
      kind: 'not_found',
    });
    expect((await post(token, mailgunRequest(event, { key: 'another-key-of-16' }))).kind).toBe(
      'forged',
    );
    expect((await post(token, mailgunRequest(event, { timestamp: 1_000 }))).kind).toBe('forged');
    expect((await post(token, { headers: {}, body: Buffer.from('{"a":1') })).kind).toBe(
      'malformed',
    );
    const { rows } = await fixture.database.pool.query('select 1 from webhook_requests');
    expect(rows).toHaveLength(0);

    expect(await post(token, request)).toEqual({ kind: 'taken' });
    expect(await post(token, request)).toEqual({ kind: 'taken' });
    expect((await post(token, altered)).kind).toBe('forged');
    const stored = await fixture.database.pool.query('select 1 from webhook_requests');
    expect(stored.rows).toHaveLength(1);
    const isWaiting = async () => {
      const waiting = await fixture.database.pool.query('select 1 from waiting_events');
      return waiting.rows.length === 1;
    };
    await waitFor(isWaiting, { what: 'the event to wait for its mail' });
    await fixture.database.pool.query('delete from webhook_requests; delete from waiting_events');
  });
});

describe('events', () => {
  it('come to the same however often, in whatever order and however early they come', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const mails = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        fixture.send(account, { to: `user${index}@example.com` }),
      ),
    );
    const events = mails.flatMap(({ id: emailId }, index) => {
      const recipient = `User${index}@Example.com`;
      const types = [{ event: 'accepted' }, { event: 'delivered' }, { event: 'opened' }, HARD];
      return types
        .slice(0, 2 + (index % 3))
        .map((fields) => mailgunEvent({ ...fields, recipient, emailId }));
    });
    const copies = events.flatMap((event, index) =>
      Array.from({ length: index === 0 ? 46 : 1 + (index % 5) }, () => mailgunRequest(event)),
    );
    const shuffled = copies
      .map((request) => ({ request, key: Math.random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ request }) => request);
    const half = shuffled.length >> 1;
    for (const request of shuffled.slice(0, half)) await post(token, request);
    fixture.startDispatcher({ pollMs: 50 });
    for (const request of shuffled.slice(half)) await post(token, request);
    await untilProcessed();

    for (const [index, { id }] of mails.entries()) {
      const email = await fixture.get(account, id);
      const heard = email.events.filter(({ detail }) => detail !== 'scripted');
      const reported = heard.filter(({ provider_connection_id: of }) => of === token);
      const types = reported.map(({ event_type: type }) => type).filter((type) => type !== 'sent');
      const expected = ['delivered', 'opened', 'bounced'].slice(0, 1 + (index % 3));
      expect(types.toSorted(), `mail ${index}`).toEqual(expected.toSorted());
      expect(email.status).toBe(index % 3 === 2 ? 'bounced' : 'delivered');
      expect(email.attempts).toHaveLength(1);
    }
    const addresses = (await suppressionsOf(account)).map(({ address }) => address);
    expect(addresses).toEqual([2, 5, 8, 11].map((n) => `user${n}@example.com`).toSorted());
  });

  it('are shown with the kind of a bounce and the link of a click', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const to = ['dead', 'full', 'keen'].map((name) => `${name}@example.com`);
    const emailId = await sendOne(account, { to });
    const about = (name: string) => ({ recipient: `${name}@example.com`, emailId });
    await tell(token, { ...HARD, ...about('dead') });
    await tell(token, { ...FULL, ...about('full') });
    await tell(token, { event: 'clicked', url: 'https://yourapp.com/a?b=c', ...about('keen') });
    await untilProcessed();

    const { events } = await fixture.get(account, emailId);
    const shown = events
      .filter(({ event_type: type }) => type !== 'sent')
      .map(({ event_type: type, recipient, bounce_type: kind, url }) => [
        type,
        recipient,
        kind,
        url,
      ]);
    expect(shown).toHaveLength(3);
    expect(shown).toEqual(
      expect.arrayContaining([
        ['bounced', 'dead@example.com', 'hard', null],
        ['bounced', 'full@example.com', 'soft', null],
        ['clicked', 'keen@example.com', null, 'https://yourapp.com/a?b=c'],
      ]),
    );
  });

  it("of another account's mail change nothing of it", async () => {
    const [a, b] = [await fixture.createAccount(), await fixture.createAccount()];
    await createConnection(a);
    const tokenB = await createConnection(b);
    const emailId = await sendOne(a, { to: 'victim@example.com' });
    const before = await fixture.get(a, emailId);

    await tell(tokenB, { ...HARD, recipient: 'victim@example.com', emailId });
    const messageId = before.attempts[0]?.provider_message_id ?? '';
    await tell(tokenB, { ...HARD, recipient: 'victim@example.com', messageId });
    await waitFor(
      async () => {
        const { rows } = await fixture.database.pool.query('select 1 from waiting_events');
        return rows.length === 2;
      },
      { what: 'both events to wait' },
    );

    expect(await fixture.get(a, emailId)).toEqual(before);
    expect(await suppressionsOf(a)).toEqual([]);
    expect(await suppressionsOf(b)).toEqual([]);
    await fixture.database.pool.query('delete from waiting_events');
  });

  it('of a recipient that the mail did not have change nothing', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const emailId = await sendOne(account);

    await tell(token, { ...HARD, recipient: 'stranger@example.com', emailId });
    await untilProcessed();

    expect((await fixture.get(account, emailId)).status).toBe('sent');
    expect(await suppressionsOf(account)).toEqual([]);
  });

  it('in unknown words are kept and do no harm', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const emailId = await sendOne(account);

    await tell(token, { event: 'teleported', recipient: 'user@example.com', emailId });
    await untilProcessed();

    const { rows } = await fixture.database.pool.query<{ error: string; body: Buffer }>(
      'select error, body from webhook_requests where account_id = $1',
      [account],
    );
    expect(rows[0]?.error).toContain('teleported');
    expect(rows[0]?.body.length).toBeGreaterThan(10);
    expect((await fixture.get(account, emailId)).status).toBe('sent');
  });

  it('settle an attempt nobody knew the outcome of', async () => {
    const account = await fixture.createAccount({ onUnknown: 'hold' });
    const token = await createConnection(account);
    fixture.smtp.script(token, () => ({
      ...{ kind: 'unknown', reason: 'response_timeout', detail: 'no answer', statusCode: null },
    }));
    const emailId = await sendOne(account);
    expect((await fixture.get(account, emailId)).status).toBe('queued');

    await tell(token, { event: 'delivered', recipient: 'user@example.com', emailId });
    await untilProcessed();

    const email = await fixture.get(account, emailId);
    expect(email.status).toBe('delivered');
    expect(email.next_attempt_at).toBeNull();
    expect(email.attempts).toMatchObject([{ outcome: 'accepted' }]);
    expect(email.attempts[0]?.detail).toMatch(/Settled by an event/);
  });
});

describe('suppressions', () => {
  it('come of dead addresses, complaints and unsubscribes, with what proves them', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const to = ['dead', 'policy', 'full', 'angry', 'gone'].map((name) => `${name}@example.com`);
    const emailId = await sendOne(account, { to });
    const about = (name: string) => ({ recipient: `${name}@example.com`, emailId });

    await tell(token, { ...HARD, ...about('dead') });
    await tell(token, { ...POLICY, ...about('policy') });
    await tell(token, { ...FULL, ...about('full') });
    await tell(token, { event: 'complained', ...about('angry') });
    await tell(token, { event: 'unsubscribed', ...about('gone') });
    await untilProcessed();

    const found = await suppressionsOf(account);
    expect(found.map(({ address, reason, expiresAt }) => [address, reason, expiresAt])).toEqual([
      ['angry@example.com', 'complaint', null],
      ['dead@example.com', 'bounce', null],
      ['gone@example.com', 'unsubscribe', null],
    ]);
    expect(found[1]?.evidence).toMatchObject({
      email_id: emailId,
      provider_connection_id: token,
      bounce_type: 'hard',
      enhanced_status: '5.1.1',
    });
    const again = await fixture.send(account, { to: 'dead@example.com' });
    expect(again.status).toBe('suppressed');
  });

  it('come of three mails in a row that come back softly, and end by themselves', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const recipient = 'user@example.com';
    const bounceOne = async () => {
      const emailId = await sendOne(account);
      await tell(token, { ...FULL, recipient, emailId });
      await untilProcessed();
      return emailId;
    };

    const first = await bounceOne();
    await tell(token, { ...FULL, recipient, emailId: first });
    await bounceOne();
    expect(await suppressionsOf(account)).toEqual([]);
    const emailId = await sendOne(account);
    await tell(token, { event: 'delivered', recipient, emailId });
    await untilProcessed();
    for (let mail = 0; mail < 3; mail += 1) await bounceOne();

    const [found] = await suppressionsOf(account);
    expect(found).toMatchObject({ address: recipient, reason: 'bounce' });
    expect(found?.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 13 * 24 * 3600_000);
  });
});

describe('a connection that sends and hears nothing', () => {
  it('is flagged once, tells the account, and is well again with the next event', async () => {
    const account = await fixture.createAccount();
    const token = await createConnection(account);
    const emailIds: string[] = [];
    for (let mail = 0; mail < 20; mail += 1) emailIds.push(await sendOne(account));
    const later = { ...fixture, now: () => new Date(Date.now() + 60 * 60_000) };
    const flagged = () =>
      fixture.database.kysely
        .selectFrom('connections')
        .select('silentSince')
        .where('id', '=', token)
        .executeTakeFirstOrThrow();

    await findSilentConnections(fixture);
    expect((await flagged()).silentSince).toBeNull();
    await findSilentConnections(later);
    await findSilentConnections(later);
    expect((await flagged()).silentSince).not.toBeNull();
    const { rows } = await fixture.database.pool.query<{ type: string }>(
      'select type from account_events where account_id = $1',
      [account],
    );
    expect(rows).toEqual([{ type: 'connection.silent' }]);

    const [emailId = ''] = emailIds;
    await tell(token, { event: 'delivered', recipient: 'user@example.com', emailId });
    expect((await flagged()).silentSince).toBeNull();
    await untilProcessed();
  });
});
