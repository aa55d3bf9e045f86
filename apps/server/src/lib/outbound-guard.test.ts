import { describe, expect, it } from 'vitest';
import { BlockedAddressError, createOutboundGuard, isPublicAddress } from './outbound-guard.ts';

describe('isPublicAddress', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback, another', '127.8.9.1'],
    ['unspecified', '0.0.0.0'],
    ['private 10', '10.1.2.3'],
    ['private 172', '172.16.0.1'],
    ['private 192', '192.168.1.1'],
    ['link-local and cloud metadata', '169.254.169.254'],
    ['carrier-grade NAT', '100.64.0.1'],
    ['multicast', '224.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['reserved', '240.0.0.1'],
    ['documentation', '192.0.2.1'],
    ['benchmarking', '198.18.0.1'],
    ['IPv6 loopback', '::1'],
    ['IPv6 unspecified', '::'],
    ['IPv6 link-local', 'fe80::1'],
    ['IPv6 unique local', 'fc00::1'],
    ['IPv6 metadata', 'fd00:ec2::254'],
    ['IPv6 multicast', 'ff02::1'],
    ['IPv6 documentation', '2001:db8::1'],
    ['mapped loopback', '::ffff:127.0.0.1'],
    ['mapped metadata', '::ffff:169.254.169.254'],
    ['mapped public', '::ffff:8.8.8.8'],
    ['NAT64 of a private address', '64:ff9b::10.0.0.1'],
    ['NAT64 of metadata', '64:ff9b::169.254.169.254'],
    ['local NAT64', '64:ff9b:1::8.8.8.8'],
    ['translated loopback', '::ffff:0:127.0.0.1'],
    ['compatible loopback', '::127.0.0.1'],
    ['compatible loopback in hex', '::7f00:1'],
    ['compatible private', '::a00:1'],
    ['6to4 of a private address', '2002:0a00:0001::1'],
    ['6to4 of a public address', '2002:808:808::1'],
    ['Teredo', '2001:0:0a00:1::1'],
    ['IPv6 site-local', 'fec0::1'],
    ['IPv6 discard', '100::1'],
    ['IPv6 documentation, new', '3fff::1'],
    ['IPv6 benchmarking', '2001:2::1'],
    ['IPv6 segment routing', '5f00::1'],
    ['IPv6 not yet given out', '4000::1'],
    ['a link-local address with its zone', 'fe80::1%eth0'],
    ['documentation 2', '198.51.100.1'],
    ['documentation 3', '203.0.113.1'],
    ['6to4 relay', '192.88.99.1'],
    ['protocol assignments', '192.0.0.192'],
    ['this network', '0.1.2.3'],
    ['metadata at Alibaba', '100.100.100.200'],
    ['metadata at Azure', '168.63.129.16'],
    ['NAT64 of metadata at Azure', '64:ff9b::168.63.129.16'],
    ['metadata at Google', 'fd20:ce::254'],
    ['not an address', 'localhost'],
  ])('refuses %s', (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([['8.8.8.8'], ['203.0.114.1'], ['2606:4700::1111'], ['64:ff9b::8.8.8.8']])(
    'allows %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );
});

describe('the guard', () => {
  const to = (...addresses: string[]) =>
    createOutboundGuard({
      privateNetworks: 'deny',
      resolve: () =>
        Promise.resolve(
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        ),
    });

  it('leaves only the public addresses of a host that has both', async () => {
    expect(await to('10.0.0.1', '8.8.8.8', '::1').resolve('mixed.example')).toEqual([
      { address: '8.8.8.8', family: 4 },
    ]);
  });

  it('refuses a host that has none, naming the host and not the address', async () => {
    await expect(to('10.0.0.1').resolve('inside.example')).rejects.toThrow(BlockedAddressError);
    await expect(to('10.0.0.1').resolve('inside.example')).rejects.not.toThrow('10.0.0.1');
  });

  it.each(['127.0.0.1', '[::1]', '[::ffff:10.0.0.1]'])('refuses the literal %s', async (host) => {
    await expect(to().resolve(host)).rejects.toThrow(BlockedAddressError);
  });

  it.each([[true], [false]])('looks names up for sockets (all: %s)', async (all) => {
    const { lookup } = to('10.0.0.1', '8.8.8.8', '2606:4700::1111');
    const found = await new Promise((resolve, reject) => {
      lookup('mixed.example', { all }, (error, address, family) =>
        error ? reject(error) : resolve(all ? address : [{ address, family }]),
      );
    });
    const ipv6 = { address: '2606:4700::1111', family: 6 };
    expect(found).toEqual([{ address: '8.8.8.8', family: 4 }, ...(all ? [ipv6] : [])]);
  });

  it('fails a lookup that leads inside, and one that finds nothing', async () => {
    const look = (guard: ReturnType<typeof to>) =>
      new Promise((resolve) => guard.lookup('x.example', { all: true }, (error) => resolve(error)));
    expect(await look(to('127.0.0.1'))).toMatchObject({ code: 'ERR_ADDRESS_BLOCKED' });
    const missing = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    const guard = createOutboundGuard({
      privateNetworks: 'deny',
      resolve: () => Promise.reject(missing),
    });
    expect(await look(guard)).toBe(missing);
  });

  it('asks the resolver once for each connection', async () => {
    let asked = 0;
    const guard = createOutboundGuard({
      privateNetworks: 'deny',
      resolve: () => Promise.resolve([{ address: asked++ === 0 ? '8.8.8.8' : '::1', family: 4 }]),
    });
    expect(await guard.resolve('rebound.example')).toHaveLength(1);
    expect(asked).toBe(1);
  });

  it('asks once for all who want the same name at the same time, and again for the next', async () => {
    const answers: ((found: { address: string; family: number }[]) => void)[] = [];
    const guard = createOutboundGuard({
      privateNetworks: 'deny',
      resolve: () => new Promise((resolve) => answers.push(resolve)),
    });
    const asked = Promise.all([guard.resolve('slow.example'), guard.resolve('slow.example')]);
    expect(answers).toHaveLength(1);
    answers[0]?.([{ address: '8.8.8.8', family: 4 }]);
    const address = { address: '8.8.8.8', family: 4 };
    expect(await asked).toEqual([[address], [address]]);
    void guard.resolve('slow.example');
    expect(answers).toHaveLength(2);
  });

  it('allows everything where the operator does', async () => {
    const guard = createOutboundGuard({ privateNetworks: 'allow' });
    expect(await guard.resolve('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
  });
});
