import type { DnsRecord } from '@courierx/contract';
import { dmarc } from 'mailauth/lib/dmarc/index.js';
import { spf } from 'mailauth/lib/spf/index.js';
import type { DnsResolver } from '../../lib/dns-resolver.ts';
import { includesAt } from './advise.ts';

/** An address of nobody's (RFC 5737): an SPF record is read to its end, since nothing matches it. */
const NOBODY = '192.0.2.1';
const MAX_ELAPSED_MS = 5_000;
const MAX_TEXT = 1_000;

type Found = Partial<DnsRecord>;

/** Looks up each advised record and says how it stands. A look that fails leaves it `unknown`. */
export function lookUpAdvice(
  dns: DnsResolver,
  domain: string,
  advised: readonly DnsRecord[],
): Promise<DnsRecord[]> {
  return Promise.all(
    advised.map(async (record) => ({ ...record, ...(await lookUp(dns, domain, record)) })),
  );
}

async function lookUp(dns: DnsResolver, domain: string, record: DnsRecord): Promise<Found> {
  switch (record.purpose) {
    case 'spf':
      return lookUpSpf(dns, domain, record);
    case 'dkim':
      return record.name.startsWith('<') ? {} : lookUpDkim(dns, record);
    case 'dmarc':
      return lookUpDmarc(dns, domain, record);
    case 'ownership':
      return {};
  }
}

/** Follows the record as a receiver would, and notes which other names' records it leads to. */
async function lookUpSpf(dns: DnsResolver, domain: string, record: DnsRecord): Promise<Found> {
  const { name } = record;
  const reached = new Set<string>();
  const result = await spf({
    sender: `postmaster@${name}`,
    ip: NOBODY,
    helo: name,
    mta: domain,
    maxElapsedTime: MAX_ELAPSED_MS,
    resolver: (host, type) => {
      if (type === 'TXT') reached.add(host.toLowerCase());
      return dns.resolve(host, type) as Promise<string[][]>;
    },
  });
  const { rr } = result;
  const verdict = result.status.result;
  if (verdict === 'temperror') return { message: `The SPF record of ${name} could not be read` };
  const includes = includesAt(domain, name, record.providers);
  const missing = includes.filter((include) => !reached.has(include));
  if (verdict === 'permerror') {
    const why = result.status.comment ?? 'it is not valid';
    const message = `Receivers reject the SPF record of ${name}: ${why}`;
    return { status: 'different', found: rr === undefined ? [] : [rr.slice(0, MAX_TEXT)], message };
  }
  if (rr === undefined || verdict === 'none') {
    return { status: 'missing', message: `${name} has no SPF record` };
  }
  const shown = { found: [rr.slice(0, MAX_TEXT)], value: withIncludes(rr, missing) };
  if (verdict === 'pass') {
    const message = 'This SPF record lets everybody send (+all); end it with ~all';
    return { ...shown, status: 'different', message };
  }
  if (missing.length > 0) {
    const message = `The SPF record does not include ${missing.join(', ')}`;
    return { ...shown, status: 'different', message };
  }
  return { ...shown, status: 'found', message: 'The SPF record includes what it should' };
}

/** The record as it is with what it lacks, before its `all`: there may be one SPF record only. */
function withIncludes(text: string, includes: readonly string[]): string {
  const terms = text.trim().split(/\s+/);
  const all = terms.findIndex((term) => /^([-+~?]?all|redirect=.*)$/i.test(term));
  terms.splice(all < 0 ? terms.length : all, 0, ...includes.map((name) => `include:${name}`));
  return terms.join(' ').slice(0, MAX_TEXT);
}

/** A key is read where a receiver reads it: through a CNAME too. */
async function lookUpDkim(dns: DnsResolver, { name, message }: DnsRecord): Promise<Found> {
  const lookup = await dns.lookUpTxt(name);
  if (lookup.kind === 'unreachable') return { message: `${name} could not be looked up` };
  if (lookup.kind === 'absent') {
    return { status: 'missing', message: `There is no DKIM key at ${name}. ${message}` };
  }
  const found = lookup.records.map((text) => text.slice(0, MAX_TEXT));
  if (lookup.records.some((text) => /(^|;)\s*p\s*=\s*[A-Za-z0-9+/]/.test(text))) {
    return { found, status: 'found', message: 'There is a DKIM key' };
  }
  return { found, status: 'different', message: `${name} holds no DKIM key. ${message}` };
}

async function lookUpDmarc(dns: DnsResolver, domain: string, record: DnsRecord): Promise<Found> {
  const result = await dmarc({
    headerFrom: `postmaster@${domain}`,
    spfDomains: [],
    dkimDomains: [],
    resolver: (host, type) => dns.resolve(host, type) as Promise<string[][]>,
  });
  if (result === false || result.status.result === 'temperror') {
    return { message: `The DMARC record of ${domain} could not be read` };
  }
  if (result.rr === undefined) {
    const message = `${domain} has no DMARC record; Gmail and Yahoo ask bulk senders for one`;
    return { status: 'missing', message };
  }
  const at = `_dmarc.${result.policyDomain ?? domain}`;
  const from = at === record.name ? '' : `, from ${at}`;
  return {
    status: 'found',
    found: [result.rr.slice(0, MAX_TEXT)],
    value: at === record.name ? result.rr.slice(0, MAX_TEXT) : record.value,
    message: `Its policy is "${result.policy}"${from}`,
  };
}
