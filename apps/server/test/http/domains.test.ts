import type { Domain } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { recheckDueDomains } from '../../src/services/domains/recheck-due.ts';
import { startFakeDns, type FakeDns } from '../fakes/dns.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { errorOf, faultsOf } from '../support/api-caller.ts';

const HOUR_MS = 3_600_000;

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
const newName = () => `d${(count += 1)}.yourapp.com`;
const add = async (who: SignedUp, domain = newName()) => {
  const answer = await who.post<Domain>('/domains', { domain });
  expect(answer.status, answer.text).toBe(201);
  return answer.body;
};
const verify = async (who: SignedUp, { id }: Domain) => {
  const answer = await who.post<Domain>(`/domains/${id}/verify`);
  expect(answer.status, answer.text).toBe(200);
  return answer.body;
};
const get = async (who: SignedUp, { id }: Domain) => (await who.get<Domain>(`/domains/${id}`)).body;
const publish = ({ domain, verification_token: token }: Domain) =>
  dns.setTxt(`_courierx.${domain}`, token);
const ownership = ({ dns_records: records }: Domain) =>
  records.find(({ purpose }) => purpose === 'ownership');
const recordOf = ({ dns_records: records }: Domain, purpose: string, name?: string) =>
  records.find((record) => record.purpose === purpose && (!name || record.name === name));
const connect = async (who: SignedUp, provider: string, over: object) => {
  const answer = await who.post('/provider_connections', { provider, ...over });
  expect(answer.status, answer.text).toBe(201);
};

describe('POST /domains', () => {
  it('answers a pending domain with a token and where to put it', async () => {
    const domain = await add(ada, 'Mail.Bücher.example');
    expect(domain).toMatchObject({
      domain: 'mail.xn--bcher-kva.example',
      status: 'pending',
      verified_at: null,
      verification: null,
    });
    expect(domain.verification_token).toMatch(/^dns_[\w-]{32}$/);
    expect(ownership(domain)).toMatchObject({
      type: 'TXT',
      name: '_courierx.mail.xn--bcher-kva.example',
      value: domain.verification_token,
      status: 'unknown',
    });
    expect(recordOf(domain, 'dmarc')).toMatchObject({ name: `_dmarc.${domain.domain}` });
  });

  it.each([
    [{}, /Domain is required/],
    [{ domain: '' }, /Domain is required/],
    [{ domain: 7 }, /must be a string/],
    [{ domain: 'https://yourapp.com/' }, /without scheme or path/],
    [{ domain: 'yourapp' }, /at least one dot/],
    [{ domain: 'co.uk' }, /public suffix/],
    [{ domain: 'yourapp.com', verified: true }, /Unknown field: verified/],
  ])('refuses %j', async (body, fault) => {
    const answer = await ada.post('/domains', body);
    expect(faultsOf(answer)).toEqual([expect.stringMatching(fault)]);
    expect((await ada.get('/domains')).body).toEqual([]);
  });

  it('takes a domain once an account, in whatever case', async () => {
    const { domain } = await add(ada);
    const again = await ada.post('/domains', { domain: domain.toUpperCase() });
    expect(faultsOf(again)).toEqual(['Domain has already been added']);
  });

  it('takes a thousand of an account, and no more', async () => {
    await api.database.pool.query(
      `insert into domains (account_id, id, domain, verification_token, next_check_at)
       select $1, gen_random_uuid(), 'n' || n || '.example.com', 't', now() + interval '1 year'
       from generate_series(1, 1000) n`,
      [ada.accountId],
    );
    const answer = await ada.post('/domains', { domain: 'one-more.example.com' });
    expect(faultsOf(answer)).toEqual([
      'An account can have at most 1000 domains; delete one first',
    ]);
  });

  it('is not for keys that only send or read, nor for test keys', async () => {
    for (const over of [{ role: 'send' }, { role: 'read' }, { mode: 'test' }]) {
      const key = await ada.post<{ raw_key: string }>('/api_keys', { name: 'k', ...over });
      const answer = await api
        .caller(key.body.raw_key)
        .post('/domains', { domain: 'a.example.com' });
      expect(answer.status).toBe(403);
    }
    expect((await ada.get('/domains')).body).toEqual([]);
  });
});

describe('GET /domains', () => {
  it('lists by name, in pages', async () => {
    await add(ada, 'b.example.com');
    await add(ada, 'a.example.com');
    const page = await ada.get<Domain[]>('/domains?per_page=1');
    expect(page.body.map(({ domain }) => domain)).toEqual(['a.example.com']);
    expect(page.headers).toMatchObject({ 'x-total-count': '2' });
    expect((await ada.get('/domains?page=9')).body).toEqual([]);
  });
});

describe('POST /domains/:id/verify', () => {
  it('verifies where the token is, also among other records, in quotes, or cut in two', async () => {
    const [one, two, three] = [await add(ada), await add(ada), await add(ada)];
    dns.setTxt(`_courierx.${one.domain}`, 'v=spf1 -all', one.verification_token, 'dns_other');
    dns.setTxt(`_courierx.${two.domain}`, ` "${two.verification_token}" `);
    const token = three.verification_token;
    dns.setTxt(`_courierx.${three.domain}`, [token.slice(0, 9), token.slice(9)]);
    for (const domain of [one, two, three]) {
      const verified = await verify(ada, domain);
      expect(verified).toMatchObject({ status: 'verified', verification: { status: 'found' } });
      expect(Date.parse(verified.verified_at ?? '')).toBeGreaterThan(0);
      expect(ownership(verified)).toMatchObject({ status: 'found' });
      const again = await verify(ada, domain);
      expect(again.verified_at).toBe(verified.verified_at);
    }
  });

  it.each([
    ['a name that is not there', () => undefined, 'missing', /does not exist \(NXDOMAIN\)/],
    ['a name without TXT', (name: string) => dns.setTxt(name), 'missing', /no TXT record/],
    ['another token', (name: string) => dns.setTxt(name, 'dns_no'), 'missing', /is another one/],
    [
      'a token in another case',
      (name: string, token: string) => dns.setTxt(name, token.toUpperCase(), 'x'),
      'missing',
      /None of the 2 TXT records/,
    ],
    [
      'servers that fail',
      (name: string) => dns.setTrouble(name, 'SERVFAIL'),
      'unreachable',
      /SERVFAIL/,
    ],
    [
      'servers that are silent',
      (name: string) => dns.setTrouble(name, 'silence'),
      'unreachable',
      /No answer for _courierx\..* came in time/,
    ],
  ])('stays pending and says why with %s', async (...[, prepare, status, message]) => {
    const domain = await add(ada);
    prepare(`_courierx.${domain.domain}`, domain.verification_token);
    const answer = await verify(ada, domain);
    expect(answer).toMatchObject({
      status: 'pending',
      verified_at: null,
      verification: { status },
    });
    expect(answer.verification?.message).toMatch(message);
    expect(await get(ada, domain)).toEqual(answer);
  });

  it('verifies only the account whose token it is', async () => {
    const eve = await api.signUp();
    const hers = await add(ada);
    const theirs = await add(eve, hers.domain);
    expect(theirs.verification_token).not.toBe(hers.verification_token);
    publish(hers);
    expect((await verify(eve, theirs)).status).toBe('pending');
    expect((await verify(ada, hers)).status).toBe('verified');
    dns.setTxt(`_courierx.${hers.domain}`, hers.verification_token, theirs.verification_token);
    expect((await verify(eve, theirs)).status).toBe('verified');
  });

  it("is 404 for another account's, and nothing changes", async () => {
    const eve = await api.signUp();
    const hers = await add(ada);
    publish(hers);
    const before = await get(ada, hers);
    for (const [method, path] of [
      ['GET', `/domains/${hers.id}`],
      ['POST', `/domains/${hers.id}/verify`],
      ['DELETE', `/domains/${hers.id}`],
      ['GET', '/domains/none'],
    ] as const) {
      expect((await eve.call(method, path)).status, path).toBe(404);
    }
    expect(await get(ada, hers)).toEqual(before);
    expect((await eve.get('/domains')).body).toEqual([]);
  });
});

describe('looks by hand', () => {
  it('are limited, since they ask the name servers of others', async () => {
    const domain = await add(ada);
    const statuses: number[] = [];
    for (let looks = 0; looks < 61; looks += 1) {
      const { status } = await ada.post(`/domains/${domain.id}/verify`);
      statuses.push(status);
      if (status !== 200) break;
    }
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
  });
});

describe('the advised records', () => {
  it('name SPF, DKIM and DMARC for the providers connected, and say what is there', async () => {
    await connect(ada, 'sendgrid', { api_key: 'SG.0123456789' });
    const domain = await add(ada);
    const name = domain.domain;
    expect(recordOf(domain, 'spf')).toMatchObject({
      providers: ['sendgrid'],
      name,
      value: 'v=spf1 include:sendgrid.net ~all',
      status: 'unknown',
    });
    const missing = await verify(ada, domain);
    expect(recordOf(missing, 'spf')).toMatchObject({ status: 'missing' });
    expect(recordOf(missing, 'dmarc')).toMatchObject({ status: 'missing' });
    expect(recordOf(missing, 'dkim', `s1._domainkey.${name}`)).toMatchObject({ status: 'missing' });

    dns.setTxt(name, 'google-site-verification=1', 'v=spf1 include:other.test ~all');
    dns.setTxt('other.test', 'v=spf1 ip4:198.51.100.1 -all');
    dns.setTxt(`_dmarc.${name}`, 'v=DMARC1; p=reject; rua=mailto:d@example.com');
    dns.setCname(`s1._domainkey.${name}`, 's1.domainkey.u1.wl.sendgrid.test');
    dns.setTxt('s1.domainkey.u1.wl.sendgrid.test', 'k=rsa; t=s; p=MIGfMA0GCSq');
    const partly = await verify(ada, domain);
    expect(recordOf(partly, 'spf')).toMatchObject({
      status: 'different',
      found: ['v=spf1 include:other.test ~all'],
      value: 'v=spf1 include:other.test include:sendgrid.net ~all',
      message: 'The SPF record does not include sendgrid.net',
    });
    expect(recordOf(partly, 'dkim', `s1._domainkey.${name}`)).toMatchObject({ status: 'found' });
    expect(recordOf(partly, 'dmarc')).toMatchObject({
      status: 'found',
      message: 'Its policy is "reject"',
    });

    dns.setTxt('other.test', 'v=spf1 include:sendgrid.net -all');
    dns.setTxt('sendgrid.net', 'v=spf1 ip4:198.51.100.2 -all');
    const through = await verify(ada, domain);
    expect(recordOf(through, 'spf')).toMatchObject({ status: 'found' });
  });

  it('tell a record that receivers reject, one that lets all in, and one that is not to be read', async () => {
    await connect(ada, 'sendgrid', { api_key: 'SG.0123456789' });
    const domain = await add(ada);
    dns.setTxt(domain.domain, 'v=spf1 include:sendgrid.net ~all', 'v=spf1 -all');
    expect(recordOf(await verify(ada, domain), 'spf')).toMatchObject({
      status: 'different',
      message: expect.stringMatching(/Receivers reject/) as unknown,
    });
    dns.setTxt(domain.domain, 'v=spf1 +all');
    expect(recordOf(await verify(ada, domain), 'spf')).toMatchObject({
      status: 'different',
      message: expect.stringMatching(/lets everybody send/) as unknown,
    });
    dns.setTrouble(domain.domain, 'SERVFAIL');
    expect(recordOf(await verify(ada, domain), 'spf')).toMatchObject({
      status: 'unknown',
      message: expect.stringMatching(/could not be read/) as unknown,
    });
  });
});

describe('the check in the background', () => {
  // Days pass here: longer than a session lasts.
  beforeEach(async () => {
    const { body } = await ada.post<{ raw_key: string }>('/api_keys', { name: 'k' });
    const { accountId, email } = ada;
    ada = Object.assign(api.caller(body.raw_key), { accountId, email });
  });
  const recheck = () => recheckDueDomains(api.services);
  const events = async () => {
    const { rows } = await api.database.pool.query<{ type: string; data: object }>(
      'select type, data from account_events where account_id = $1 order by id',
      [ada.accountId],
    );
    return rows;
  };

  it('finds a token that appears', async () => {
    const domain = await add(ada);
    publish(domain);
    api.clock.advance(61_000);
    await recheck();
    expect(await get(ada, domain)).toMatchObject({ status: 'verified' });
  });

  it('takes the status away when the token stays away, and tells of it once', async () => {
    const domain = await add(ada);
    publish(domain);
    await verify(ada, domain);
    dns.remove(`_courierx.${domain.domain}`);
    api.clock.advance(25 * HOUR_MS);
    await recheck();
    expect(await get(ada, domain)).toMatchObject({
      status: 'verified',
      verification: { status: 'missing' },
    });
    expect(await events()).toEqual([]);
    for (let hour = 0; hour < 8; hour += 1) {
      api.clock.advance(HOUR_MS);
      await recheck();
    }
    expect(await get(ada, domain)).toMatchObject({ status: 'pending', verified_at: null });
    expect(await events()).toEqual([
      {
        type: 'domain.unverified',
        data: {
          domain_id: domain.id,
          domain: domain.domain,
          reason: expect.stringContaining('NXDOMAIN') as unknown,
        },
      },
    ]);
    publish(domain);
    expect((await verify(ada, domain)).status).toBe('verified');
  });

  it('keeps the status through failing and silent servers', async () => {
    const domain = await add(ada);
    publish(domain);
    await verify(ada, domain);
    for (const trouble of ['SERVFAIL', 'silence'] as const) {
      dns.setTrouble(`_courierx.${domain.domain}`, trouble);
      for (let day = 0; day < 3; day += 1) {
        api.clock.advance(25 * HOUR_MS);
        await recheck();
      }
      expect(await get(ada, domain)).toMatchObject({
        status: 'verified',
        verification: { status: 'unreachable' },
      });
    }
    expect(await events()).toEqual([]);
  });

  it('looks at each due domain once, however many nodes look', async () => {
    const domain = await add(ada);
    api.clock.advance(61_000);
    const before = dns.asked.length;
    await Promise.all([recheck(), recheck(), recheck()]);
    const name = `_courierx.${domain.domain}`;
    expect(dns.asked.slice(before).filter((line) => line.endsWith(name))).toHaveLength(1);
  });
});

describe('DELETE /domains/:id', () => {
  it('takes it away, and its word with it', async () => {
    const domain = await add(ada);
    publish(domain);
    await verify(ada, domain);
    await ada.patch('/auth/me', { require_verified_domain: true });
    expect((await ada.delete(`/domains/${domain.id}`)).status).toBe(204);
    const gone = await ada.delete(`/domains/${domain.id}`);
    expect([gone.status, errorOf(gone)]).toEqual([404, 'Not found']);
    const sent = await ada.post('/emails', {
      ...{ from: `a@${domain.domain}`, to: 'u@example.com', subject: 'x', text: 'x' },
    });
    expect(sent.status).toBe(422);
  });
});
