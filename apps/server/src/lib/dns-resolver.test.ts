import { afterAll, beforeAll, expect, test } from 'vitest';
import { startFakeDns, type FakeDns } from '../../test/fakes/dns.ts';
import { createDnsResolver } from './dns-resolver.ts';

let dns: FakeDns;
beforeAll(async () => {
  dns = await startFakeDns();
});
afterAll(() => dns.close());

const lookUp = (name: string, servers = [dns.address]) =>
  createDnsResolver({ servers, timeoutMs: 200, tries: 1, totalMs: 20_000 }).lookUpTxt(name);

test('joins the strings of one record and keeps records apart', async () => {
  dns.setTxt('many.test', ['one ', 'two'], 'three');
  const lookup = await lookUp('many.test');
  expect(lookup).toEqual({
    kind: 'found',
    records: expect.arrayContaining(['one two', 'three']) as unknown,
  });
});

test('asks again over TCP where the answer is too long for UDP', async () => {
  const long = Array.from({ length: 12 }, (_, index) => `${index}`.repeat(200).slice(0, 250));
  dns.setTxt('long.test', ...long);
  const lookup = await lookUp('long.test');
  expect(lookup.kind === 'found' && [...lookup.records].sort()).toEqual([...long].sort());
  expect(dns.asked).toContain('udp TXT long.test');
  expect(dns.asked).toContain('tcp TXT long.test');
});

test('follows a CNAME', async () => {
  dns.setCname('alias.test', 'target.test');
  dns.setTxt('target.test', 'here');
  expect(await lookUp('alias.test')).toEqual({ kind: 'found', records: ['here'] });
});

test('tells no name, no such record, a failing server and silence apart', async () => {
  dns.setTxt('empty.test');
  dns.setTrouble('broken.test', 'SERVFAIL');
  dns.setTrouble('refused.test', 'REFUSED');
  dns.setTrouble('silent.test', 'silence');
  expect(await lookUp('none.test')).toEqual({ kind: 'absent', why: 'no-name' });
  expect(await lookUp('empty.test')).toEqual({ kind: 'absent', why: 'no-data' });
  expect(await lookUp('broken.test')).toEqual({ kind: 'unreachable', why: 'server-failure' });
  expect(await lookUp('refused.test')).toEqual({ kind: 'unreachable', why: 'server-failure' });
  expect(await lookUp('silent.test')).toEqual({ kind: 'unreachable', why: 'timeout' });
});

test('says so where no server is there at all', async () => {
  // The discard port: nobody listens there, and no other test is given it.
  const lookup = await lookUp('any.test', ['127.0.0.1:9']);
  expect(lookup.kind).toBe('unreachable');
});

test('waits no longer in all than it was told, whatever each try may take', async () => {
  dns.setTrouble('endless.test', 'silence');
  const resolver = createDnsResolver({
    ...{ servers: [dns.address], timeoutMs: 60_000, tries: 4, totalMs: 300 },
  });
  expect(await resolver.lookUpTxt('endless.test')).toEqual({ kind: 'unreachable', why: 'timeout' });
});

test('asks afresh each time', async () => {
  dns.setTxt('changes.test', 'before');
  expect(await lookUp('changes.test')).toMatchObject({ records: ['before'] });
  dns.setTxt('changes.test', 'after');
  expect(await lookUp('changes.test')).toMatchObject({ records: ['after'] });
});
