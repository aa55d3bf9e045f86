import { lookup as lookupAddresses } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address that was checked and may be connected to. */
export type CheckedAddress = { readonly address: string; readonly family: 4 | 6 };

/**
 * The one gate for connections to addresses a customer can choose. A host is resolved once, every
 * address is checked, and the connection is made to an address that was checked.
 */
export type OutboundGuard = {
  /** For `net.connect`, `tls.connect` and undici: fails with {@link BlockedAddressError}. */
  readonly lookup: LookupFunction;
  /** Resolves and checks; returns the addresses that may be connected to, in order. */
  resolve(host: string): Promise<readonly CheckedAddress[]>;
  /** True when private networks are allowed, and with them any port. */
  readonly allowsPrivateNetworks: boolean;
};

/** The host resolves to an address that must not be reached from here. */
export class BlockedAddressError extends Error {
  readonly code = 'ERR_ADDRESS_BLOCKED';

  constructor(host: string) {
    super(
      `${host} leads into a private or reserved network. COURIERX_PRIVATE_NETWORKS=allow permits that.`,
    );
  }
}

export type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>;

export type OutboundGuardOptions = {
  readonly privateNetworks: 'deny' | 'allow';
  /** The system's resolver by default. */
  readonly resolve?: Resolve;
};

export function createOutboundGuard(options: OutboundGuardOptions): OutboundGuard {
  const allowsPrivateNetworks = options.privateNetworks === 'allow';
  const resolveHost: Resolve =
    options.resolve ?? ((host) => lookupAddresses(host, { all: true, order: 'verbatim' }));

  /**
   * The system's resolver has four threads for all that is asked of it: a name whose servers do not
   * answer takes one of them, not all.
   */
  const running = new Map<string, ReturnType<Resolve>>();

  function resolveOnce(host: string): ReturnType<Resolve> {
    const known = running.get(host);
    if (known) return known;
    const asked = resolveHost(host).finally(() => running.delete(host));
    running.set(host, asked);
    return asked;
  }

  async function resolve(host: string): Promise<readonly CheckedAddress[]> {
    const literal = host.replace(/^\[|\]$/g, '');
    const family = isIP(literal);
    const found = family === 0 ? await resolveOnce(host) : [{ address: literal, family }];
    const allowed = found
      .filter(({ address }) => allowsPrivateNetworks || isPublicAddress(address))
      .map(({ address }): CheckedAddress => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
    if (allowed.length === 0) throw new BlockedAddressError(host);
    return allowed;
  }

  const lookup: LookupFunction = (host, lookupOptions, callback) => {
    resolve(host).then(
      (addresses) => {
        const [first] = addresses;
        if (lookupOptions.all) callback(null, [...addresses]);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: unknown) => callback(error as NodeJS.ErrnoException, ''),
    );
  };

  return { lookup, resolve, allowsPrivateNetworks };
}

/** Azure's host agent and metadata: a public address that every machine there reaches inside. */
const AZURE_WIRE_SERVER = '168.63.129.16';
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Where a network has IPv6 only, DNS64 gives every IPv4 host an address in here (RFC 6052). */
const NAT64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an address is one of the public internet. IPv6 forms that carry an IPv4 address (mapped,
 * compatible, 6to4, Teredo) are other ways to the address inside and are all refused; NAT64, which
 * hosts without IPv4 depend on, is judged by the address it carries.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return isPublicIpv4(parsed);
  if (parsed.match(NAT64)) return isPublicIpv4(new ipaddr.IPv4(parsed.toByteArray().slice(-4)));
  return parsed.match(GLOBAL_UNICAST) && parsed.range() === 'unicast';
}

function isPublicIpv4(address: ipaddr.IPv4): boolean {
  return address.range() === 'unicast' && address.toString() !== AZURE_WIRE_SERVER;
}
