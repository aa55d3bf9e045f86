import ipaddr from 'ipaddr.js';

/**
 * What a client is counted by: its IPv4 address, or the /64 its IPv6 address is in, since one
 * customer of a provider has all of a /64 to choose from.
 */
export function clientKeyOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${address.toByteArray().slice(0, 8).join('.')}/64`;
}
