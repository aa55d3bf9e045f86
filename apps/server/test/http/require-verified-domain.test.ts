import type { Domain } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFakeDns, type FakeDns } from '../fakes/dns.ts';
import { faultsOf } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let dns: FakeDns;
let ada: SignedUp;
beforeAll(async () => {
  dns = await startFakeDns();
  api = await createApiFixture({ dnsServers: [dns.address], dnsTimeoutMs: 200 });
});
beforeEach(async () => {
  ada = await api.signUp();
});
afterAll(async () => {
  await api.close();
  await dns.close();
});

let count = 0;
const add = async (who: SignedUp, domain = `d${(count += 1)}.yourapp.com`) => {
  const answer = await who.post<Domain>('/domains', { domain });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const publish = ({ domain, verification_token: token }: Domain) =>
  dns.setTxt(`_courierx.${domain}`, token);
const verify = async (who: SignedUp, { id }: Domain) => {
  const answer = await who.post<Domain>(`/domains/${id}/verify`);
  expect(answer.body.status, answer.text).toBe('verified');
};

describe('require_verified_domain', () => {
  const send = (who: { post: SignedUp['post'] }, from: string, over: object = {}) =>
    who.post<{ id: string; status: string }>('/emails', {
      ...{ from, to: 'user@example.com', subject: 'x', text: 'x' },
      ...over,
    });

  it('takes mail from a verified domain and those below it, and refuses the rest by name', async () => {
    const domain = await add(ada);
    publish(domain);
    expect((await send(ada, 'a@anything.example')).status).toBe(202);
    const set = await ada.patch<{ account: object }>('/auth/me', { require_verified_domain: true });
    expect(set.body.account).toMatchObject({ require_verified_domain: true });
    const early = await send(ada, `a@${domain.domain}`);
    expect(faultsOf(early)).toEqual([
      expect.stringMatching(`from_email must be at a verified domain: ${domain.domain} is not`),
    ]);
    await verify(ada, domain);
    expect((await send(ada, `a@${domain.domain.toUpperCase()}`)).status).toBe(202);
    expect((await send(ada, `a@news.${domain.domain}`)).status).toBe(202);
    expect((await send(ada, `a@x${domain.domain}`)).status).toBe(422);
    expect((await send(ada, 'a@yourapp.com')).status).toBe(422);
    expect((await ada.get<unknown[]>('/emails')).body).toHaveLength(3);
  });

  it("is not met by another account's verified domain", async () => {
    const eve = await api.signUp();
    const domain = await add(ada);
    publish(domain);
    await verify(ada, domain);
    await add(eve, domain.domain);
    await eve.patch('/auth/me', { require_verified_domain: true });
    expect((await send(eve, `a@${domain.domain}`)).status).toBe(422);
  });

  it('holds in the middle of a batch, and takes no idempotency key with what it refuses', async () => {
    const domain = await add(ada);
    publish(domain);
    await verify(ada, domain);
    const before = { metadata: { idempotency_key: 'before' } };
    const first = await send(ada, 'a@other.example', before);
    await ada.patch('/auth/me', { require_verified_domain: true });
    const replayed = await send(ada, 'a@other.example', before);
    expect([replayed.status, replayed.body.id]).toEqual([202, first.body.id]);
    const key = { metadata: { idempotency_key: 'k' } };
    const from = ['a@other.example', `a@${domain.domain}`, 'a@third.example'];
    const answers = await Promise.all(from.map((address) => send(ada, address, key)));
    // The third is refused, or told of the second, whichever of them comes first.
    expect(answers.map(({ status }) => status)).toEqual([422, 202, expect.any(Number)]);
    const again = await send(ada, 'a@third.example', key);
    expect([again.status, again.body.id]).toEqual([202, answers[1]?.body.id]);
    expect((await ada.get<unknown[]>('/emails')).body).toHaveLength(2);
  });

  it('leaves mail of test keys alone: it only reaches the sandbox', async () => {
    const { body } = await ada.post<{ raw_key: string }>('/api_keys', { name: 'k', mode: 'test' });
    await ada.patch('/auth/me', { require_verified_domain: true });
    expect((await send(api.caller(body.raw_key), 'a@other.example')).status).toBe(202);
  });
});
