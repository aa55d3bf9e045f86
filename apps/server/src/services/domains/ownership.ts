import type { TxtLookup } from '../../lib/dns-resolver.ts';

/** What a look for the token came to. Only `missing` says that it is not there. */
export type OwnershipCheck = {
  readonly status: 'found' | 'missing' | 'unreachable';
  /** In words, with what to do. */
  readonly message: string;
  /** The records that are there. */
  readonly records: readonly string[];
};

const SHOWN = 5;

/** Reads the answer for a domain's token name. Records that are not ours are passed over. */
export function readOwnership(name: string, token: string, lookup: TxtLookup): OwnershipCheck {
  if (lookup.kind === 'unreachable') {
    return { status: 'unreachable', message: UNREACHABLE[lookup.why](name), records: [] };
  }
  if (lookup.kind === 'absent') {
    return { status: 'missing', message: ABSENT[lookup.why](name), records: [] };
  }
  const records = lookup.records.slice(0, SHOWN).map((record) => record.slice(0, 512));
  if (lookup.records.some((record) => plainOf(record) === token)) {
    return { status: 'found', message: `The TXT record at ${name} was found`, records };
  }
  const count = lookup.records.length;
  const message =
    count === 1
      ? `The TXT record at ${name} is another one; add one with the value ${token}`
      : `None of the ${count} TXT records at ${name} is this one; add one with the value ${token}`;
  return { status: 'missing', message, records };
}

const ABSENT = {
  'no-name': (name: string) =>
    `${name} does not exist (NXDOMAIN). Add the TXT record; a new one can take a while to be seen`,
  'no-data': (name: string) => `${name} exists, but has no TXT record; add one`,
} as const;

const UNREACHABLE = {
  'server-failure': (name: string) =>
    `The name servers for ${name} answered with a failure (SERVFAIL); look at the domain's delegation and DNSSEC`,
  timeout: (name: string) => `No answer for ${name} came in time; it is asked again by itself`,
  network: (name: string) =>
    `No DNS server could be reached to ask for ${name}; it is asked again by itself`,
} as const;

/** Some control panels keep the quotes that people paste. */
function plainOf(record: string): string {
  return record
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim();
}
