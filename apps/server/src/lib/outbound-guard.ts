import type { LookupFunction } from 'node:net';

/**
 * The one gate for connections to addresses a customer can choose. A host is resolved once, every
 * address is checked, and the connection is made to the address that was checked.
 */
export type OutboundGuard = {
  /** For `net.connect`, `tls.connect` and undici: fails with {@link BlockedAddressError}. */
  readonly lookup: LookupFunction;
  /** Resolves and checks; returns the addresses that may be connected to, in order. */
  resolve(host: string): Promise<readonly { address: string; family: 4 | 6 }[]>;
  /** True when private networks are allowed, and with them any port. */
  readonly allowsPrivateNetworks: boolean;
};

/** The host resolves to an address that must not be reached from here. */
export class BlockedAddressError extends Error {
  readonly code = 'ERR_ADDRESS_BLOCKED';
}
