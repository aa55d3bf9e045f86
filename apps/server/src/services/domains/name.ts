import { parse } from 'tldts';
import { parseDomain } from '../../lib/address.ts';

/** Below a domain: where its token is put. */
const LABEL = '_courierx';

/** `_courierx.mail.yourapp.com` */
export function tokenNameOf(domain: string): string {
  return `${LABEL}.${domain}`;
}

/** A name that can be registered by one owner, in ASCII and lower case; or why it is none. */
export function checkDomainName(text: string): { domain: string } | { fault: string } {
  const given = text.trim().replace(/\.$/, '');
  if (/^[a-z][a-z0-9+.-]*:/i.test(given) || /[/?#]/.test(given)) {
    return { fault: 'Domain must be a bare name such as mail.yourapp.com, without scheme or path' };
  }
  if (given.includes('@')) return { fault: 'Domain must be a name, not an email address' };
  if (!given.includes('.')) {
    return { fault: 'Domain must have at least one dot, as in yourapp.com' };
  }
  const domain = parseDomain(given);
  if (domain === null) return { fault: 'Domain is not a valid domain name' };
  if (tokenNameOf(domain).length > 253) return { fault: 'Domain is too long' };
  const { publicSuffix } = parse(domain, { allowPrivateDomains: true });
  return domain === publicSuffix
    ? { fault: `Domain must be below ${domain}, which is a public suffix and nobody's own` }
    : { domain };
}
