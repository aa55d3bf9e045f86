import type { DnsRecord, DnsRecordPurpose, ProviderName } from '@courierx/contract';
import { PROVIDER_RECORDS } from './provider-records.ts';

export const NOT_LOOKED_YET = 'Not looked up yet; verify the domain to look now';

/** What to publish for a domain and the providers that send for it, before any look at the DNS. */
export function adviseRecords(domain: string, providers: readonly ProviderName[]): DnsRecord[] {
  return [...adviseSpf(domain, providers), ...adviseDkim(domain, providers), adviseDmarc(domain)];
}

/** The includes that the SPF record of a name should have, for the providers that ask for it. */
export function includesAt(
  domain: string,
  name: string,
  providers: readonly ProviderName[],
): string[] {
  const includes = providers
    .map((provider) => PROVIDER_RECORDS[provider].spf)
    .filter((spf) => spf !== null && below(spf.label, domain) === name)
    .map((spf) => spf?.include ?? '');
  return [...new Set(includes)];
}

/** One record for all providers of a name: a second SPF record makes both invalid. */
function adviseSpf(domain: string, providers: readonly ProviderName[]): DnsRecord[] {
  const byName = new Map<string, ProviderName[]>();
  for (const provider of providers) {
    const { spf } = PROVIDER_RECORDS[provider];
    if (!spf) continue;
    const name = below(spf.label, domain);
    byName.set(name, [...(byName.get(name) ?? []), provider]);
  }
  return [...byName].map(([name, of]) => {
    const includes = includesAt(domain, name, of).map((include) => `include:${include}`);
    const value = `v=spf1 ${includes.join(' ')} ~all`;
    return record({ purpose: 'spf', providers: of, type: 'TXT', name, value });
  });
}

function adviseDkim(domain: string, providers: readonly ProviderName[]): DnsRecord[] {
  return providers.flatMap((provider) =>
    PROVIDER_RECORDS[provider].dkim.map(({ type, label, hint }) => ({
      ...record({
        purpose: 'dkim',
        providers: [provider],
        type,
        name: below(label ?? '<selector>._domainkey', domain),
        value: null,
      }),
      message: hint,
    })),
  );
}

function adviseDmarc(domain: string): DnsRecord {
  return record({
    purpose: 'dmarc',
    providers: [],
    type: 'TXT',
    name: below('_dmarc', domain),
    value: 'v=DMARC1; p=none',
  });
}

function below(label: string | null, domain: string): string {
  return label === null ? domain : `${label}.${domain}`;
}

function record(of: {
  purpose: DnsRecordPurpose;
  providers: readonly ProviderName[];
  type: 'TXT' | 'CNAME';
  name: string;
  value: string | null;
}): DnsRecord {
  return {
    ...of,
    providers: [...of.providers],
    status: 'unknown',
    found: [],
    message: NOT_LOOKED_YET,
  };
}
