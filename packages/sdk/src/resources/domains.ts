import type { List } from '../internal/list.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { PageInput } from './page-input.ts';
import type { ProviderName } from './provider-connections.ts';

/** A record to have in the DNS, and what was found there. Only `ownership` decides on the status. */
export type DnsRecord = {
  purpose: 'ownership' | 'spf' | 'dkim' | 'dmarc';
  /** The connected providers it is for; empty: for all mail. */
  providers: ProviderName[];
  type: 'TXT' | 'CNAME';
  name: string;
  /** What to enter; null where the provider shows it to you. */
  value: string | null;
  status: 'found' | 'missing' | 'different' | 'unknown';
  /** What is there now. */
  found: string[];
  message: string;
};

export type Domain = {
  id: string;
  /** ASCII, lower case. */
  domain: string;
  status: 'pending' | 'verified';
  /** For a TXT record at `_courierx.` below the domain. */
  verificationToken: string;
  verifiedAt: string | null;
  /** What the last look at the DNS came to. */
  verification: { status: 'found' | 'missing' | 'unreachable'; message: string } | null;
  checkedAt: string | null;
  nextCheckAt: string;
  dnsRecords: DnsRecord[];
  createdAt: string;
};

const PATH = '/domains';

export class Domains extends Resource {
  create(input: { domain: string }, options?: CallOptions): Promise<Domain> {
    return this.request({ method: 'POST', path: PATH, body: input }, options);
  }

  /** By name. */
  list(input: PageInput = {}, options?: CallOptions): List<Domain> {
    return this.pages(PATH, input, options);
  }

  get(id: string, options?: CallOptions): Promise<Domain> {
    return this.request({ method: 'GET', path: `${PATH}/${segment(id)}` }, options);
  }

  /** Looks for the token in the DNS now; `verification` of the domain says what was found. */
  verify(id: string, options?: CallOptions): Promise<Domain> {
    const path = `${PATH}/${segment(id)}/verify`;
    // Looking twice does no harm.
    return this.request({ method: 'POST', path, isRepeatable: true }, options);
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `${PATH}/${segment(id)}` }, options);
  }
}
