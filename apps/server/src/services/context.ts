import type { ApiKeyMode, ApiKeyRole, ProviderName } from '@courierx/contract';
import type { Database } from '../db/database.ts';
import type { DnsResolver } from '../lib/dns-resolver.ts';
import type { OutboundGuard } from '../lib/outbound-guard.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { Provider } from '../providers/provider.ts';
import { ServiceError } from './service-error.ts';

/** Who is calling: a session (JWT) or an API key, always for one account. */
export type Principal = {
  readonly accountId: string;
  /** Sessions are `live` and `full`. */
  readonly mode: ApiKeyMode;
  readonly role: ApiKeyRole;
  /** Null for a session. */
  readonly apiKeyId: string | null;
  /** The one domain it may send from; null: any. */
  readonly domain: string | null;
};

/** What the services are given by the composition root. */
export type ServiceDeps = {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly providers: ReadonlyMap<ProviderName, Provider>;
  /** At least 32 bytes; signs the sessions. */
  readonly jwtSecret: Buffer;
  /** For customers' domains. */
  readonly dns: DnsResolver;
  readonly now: () => Date;
  /** What webhook URLs may lead to. Absent: public addresses only. */
  readonly guard?: Pick<OutboundGuard, 'allowsPrivateNetworks'>;
};

/** What a call does, as far as roles are concerned. */
export type Permission = 'read' | 'send' | 'write';

const ALLOWED: Readonly<Record<ApiKeyRole, readonly Permission[]>> = {
  full: ['read', 'send', 'write'],
  send: ['send'],
  read: ['read'],
};

/**
 * First line of every verb. Throws `forbidden` when the key's role does not reach, and when a test
 * key would change what live mail goes by.
 */
export function requirePermission(principal: Principal, permission: Permission): void {
  if (ALLOWED[principal.role].includes(permission)) {
    if (permission !== 'write' || principal.mode === 'live') return;
    throw new ServiceError(
      'forbidden',
      'A test key reads and sends to the sandbox; it changes nothing. Use a live key, or log in.',
    );
  }
  throw new ServiceError(
    'forbidden',
    `This API key has the role "${principal.role}", which does not allow this call.`,
  );
}

/** One page of a list, as the list headers tell it. */
export type Page<T> = {
  readonly items: readonly T[];
  /** Null where it was not counted (deep reads by cursor). */
  readonly total: number | null;
  readonly page: number;
  readonly perPage: number;
  /** Where the next page starts; null at the end. */
  readonly nextCursor?: string | null;
};
