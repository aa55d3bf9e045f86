import { Resolver } from 'node:dns/promises';

/** What a question to the DNS came to. `absent` is a definite answer, `unreachable` is none. */
export type TxtLookup =
  /** Each record as one text: the strings a long one is cut into are joined. */
  | { readonly kind: 'found'; readonly records: readonly string[] }
  | { readonly kind: 'absent'; readonly why: 'no-name' | 'no-data' }
  | { readonly kind: 'unreachable'; readonly why: 'server-failure' | 'timeout' | 'network' };

export type DnsResolver = {
  /** Asks afresh; never throws. */
  lookUpTxt(name: string): Promise<TxtLookup>;
  /** As `node:dns` answers, errors and all. */
  resolve(name: string, type: string): Promise<unknown>;
};

export type DnsResolverOptions = {
  /** `host:port` each; empty: the system's. */
  readonly servers: readonly string[];
  /** Of the first try; later ones wait longer. */
  readonly timeoutMs: number;
  readonly tries: number;
  /** Of a whole question: all tries at all servers. */
  readonly totalMs: number;
};

/** A resolver that asks the given servers, over UDP and, for long answers, TCP. */
export function createDnsResolver(options: DnsResolverOptions): DnsResolver {
  const { servers, timeoutMs, tries, totalMs } = options;

  // A resolver of its own for every question: none waits for, or is answered from, another.
  async function resolve(name: string, type: string): Promise<unknown> {
    const resolver = new Resolver({ timeout: timeoutMs, tries });
    if (servers.length > 0) resolver.setServers([...servers]);
    const timer = setTimeout(() => resolver.cancel(), totalMs);
    try {
      return await resolver.resolve(name, type);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    resolve,
    async lookUpTxt(name) {
      try {
        const records = (await resolve(name, 'TXT')) as string[][];
        return { kind: 'found', records: records.map((strings) => strings.join('')) };
      } catch (error) {
        return explain((error as NodeJS.ErrnoException).code ?? '');
      }
    },
  };
}

const NETWORK_CODES = ['ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ENOSERVER', 'ENODNS'];

function explain(code: string): TxtLookup {
  if (code === 'ENOTFOUND' || code === 'EBADNAME') return { kind: 'absent', why: 'no-name' };
  if (code === 'ENODATA') return { kind: 'absent', why: 'no-data' };
  if (code === 'ETIMEOUT' || code === 'ECANCELLED') return { kind: 'unreachable', why: 'timeout' };
  if (NETWORK_CODES.includes(code)) return { kind: 'unreachable', why: 'network' };
  // SERVFAIL, REFUSED, answers that are none: the servers are there and do not know.
  return { kind: 'unreachable', why: 'server-failure' };
}
