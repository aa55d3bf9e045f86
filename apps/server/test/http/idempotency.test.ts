import type { Email } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faultsOf, type ApiCaller } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let me: SignedUp;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(async () => {
  me = await api.signUp();
});

const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hello' };

describe('an idempotency key', () => {
  const sendWith = (key: string, over: Record<string, unknown> = {}) =>
    me.post<Email>('/emails', { ...MAIL, ...over }, { headers: { 'idempotency-key': key } });

  it('in the header or in the metadata returns the first email, and says so', async () => {
    const first = await sendWith('order-1');
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    const again = await sendWith('order-1', { subject: 'Other' });
    expect(again.status).toBe(202);
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.body).toEqual(first.body);
    const inMetadata = await me.post<Email>('/emails', {
      ...MAIL,
      metadata: { idempotency_key: 'order-1' },
    });
    expect(inMetadata.headers['idempotency-replayed']).toBe('true');
    expect(inMetadata.body.id).toBe(first.body.id);
    expect((await me.get('/emails')).headers['x-total-count']).toBe('1');
  });

  it('makes one email of racing requests', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => sendWith('race')));
    expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
    const replays = answers.filter((answer) => answer.headers['idempotency-replayed'] === 'true');
    expect(replays).toHaveLength(19);
  });

  it('is of one account', async () => {
    const other = await api.signUp();
    const mine = await sendWith('shared');
    const theirs = await other.post<Email>('/emails', MAIL, {
      headers: { 'idempotency-key': 'shared' },
    });
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  it('shows a key that is bound to a domain no mail of another', async () => {
    const headers = { 'idempotency-key': 'order-3' };
    const secret = await me.post<Email>('/emails', { ...MAIL, subject: 'Secret' }, { headers });
    const over = { name: 'b', role: 'send', domain: 'other.example' };
    const key = await me.post<{ raw_key: string }>('/api_keys', over);
    const bound = api.caller(key.body.raw_key);
    const mail = { ...MAIL, from: 'a@other.example' };
    const answer = await bound.post<Email>('/emails', mail, { headers });
    expect([answer.status, answer.text]).toEqual([409, expect.not.stringContaining('Secret')]);
    expect(answer.text).not.toContain(secret.body.id);
    expect((await bound.post('/emails', mail)).status).toBe(202);
  });

  it('of a test key is not that of live mail', async () => {
    const key = await me.post<{ raw_key: string }>('/api_keys', { name: 't', mode: 'test' });
    const headers = { 'idempotency-key': 'order-2' };
    const send = (who: ApiCaller) => who.post<Email>('/emails', MAIL, { headers });
    const tester = api.caller(key.body.raw_key);
    const tried = await send(tester);
    const sent = await send(me);
    expect([tried.body.mode, sent.body.mode]).toEqual(['test', 'live']);
    expect((await send(tester)).body.id).toBe(tried.body.id);
    expect((await send(me)).body.id).toBe(sent.body.id);
  });

  it('is refused when it is empty, too long, or two that differ', async () => {
    expect(faultsOf(await sendWith(' '))).toEqual(['idempotency_key is empty']);
    expect(faultsOf(await sendWith('x'.repeat(256)))).toEqual([
      'idempotency_key is too long (maximum 255 characters)',
    ]);
    expect(faultsOf(await sendWith('a', { metadata: { idempotency_key: 'b' } }))).toEqual([
      'Idempotency-Key and metadata.idempotency_key differ; give one of them',
    ]);
    expect((await sendWith('a', { metadata: { idempotency_key: 'a' } })).status).toBe(202);
  });
});
