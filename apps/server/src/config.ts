import { isIPv6 } from 'node:net';
import { resolve } from 'node:path';
import type { TimeLimits } from './providers/time-limits.ts';
import { readTracing, type TracingSettings } from './config-tracing.ts';
import { createReader, listOf, type Environment, type Reader } from './config-reader.ts';

/** Everything that is set from outside, read once and checked. */
export type Config = {
  readonly port: number;
  readonly host: string;
  /** Probes and metrics have a port of their own; null: the API's. */
  readonly metricsPort: number | null;
  /** Absent: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Past a pooler that `databaseUrl` names, for what needs a session of its own; null: the same. */
  readonly databaseDirectUrl: string | null;
  /** Absolute. */
  readonly dataDir: string;
  /** 32 bytes each, the current one first; empty: made once and kept in the data dir. */
  readonly encryptionKeys: readonly Buffer[];
  /** Null: made once and kept in the data dir. */
  readonly jwtSecret: Buffer | null;
  /** Addresses and ranges whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  /** Without a slash at the end. */
  readonly publicUrl: string | null;
  readonly role: Role;
  readonly privateNetworks: 'deny' | 'allow';
  readonly dnsServers: readonly string[];
  readonly rateLimitPerMinute: number;
  readonly authRateLimitPerMinute: number;
  readonly logLevel: LogLevel;
  readonly workerConcurrency: number;
  /** How long one attempt may take; a mail fails over when one of these has passed. */
  readonly providerTimeLimits: TimeLimits;
  /** Null: nothing is traced. */
  readonly tracing: TracingSettings | null;
  /** `off`: it is neither served nor built. */
  readonly dashboard: 'on' | 'off';
  /** Images and tests bring what they need, built. */
  readonly buildsDashboard: boolean;
  /** For the command line's own calls. */
  readonly client: { readonly baseUrl: string; readonly apiKey: string | null };
};

export const ROLES = ['all', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The settings can't be used; `faults` names every variable, what is wrong and what is right. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`Settings:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/** The one place that sees the process's environment. */
export function readEnvironment(): Environment {
  return process.env;
}

/** Throws a {@link ConfigError} with every fault at once. */
export function readConfig(env: Environment): Config {
  const faults: string[] = [];
  const read = createReader(env, faults);
  const databaseUrl = read.databaseUrl('DATABASE_URL');
  const host = read.host('HOST') ?? '127.0.0.1';
  const port = read.integer('PORT', { min: 0, max: 65_535, fallback: 4000 });
  const dashboard = read.choice('COURIERX_DASHBOARD', ['on', 'off'], 'on');
  const isAsBuilt = ['production', 'test'].includes(read.text('NODE_ENV') ?? '');
  const config: Config = {
    host,
    port,
    metricsPort: readMetricsPort(read),
    databaseUrl,
    databaseDirectUrl: readDirectUrl(read, databaseUrl !== null, faults),
    dataDir: resolve(read.text('COURIERX_DATA_DIR') ?? 'data'),
    encryptionKeys: readKeys(read, databaseUrl !== null, faults),
    jwtSecret: readJwtSecret(read, databaseUrl !== null, faults),
    trustedProxies: read.proxies('COURIERX_TRUSTED_PROXIES'),
    publicUrl: read.url('COURIERX_PUBLIC_URL'),
    role: read.choice('COURIERX_ROLE', ROLES, 'all'),
    privateNetworks: read.choice('COURIERX_PRIVATE_NETWORKS', ['deny', 'allow'], 'deny'),
    dnsServers: read.hostPorts('COURIERX_DNS_SERVERS'),
    rateLimitPerMinute: read.integer('COURIERX_RATE_LIMIT_PER_MINUTE', {
      min: 1,
      max: 1_000_000_000,
      fallback: 6000,
    }),
    authRateLimitPerMinute: read.integer('COURIERX_AUTH_RATE_LIMIT_PER_MINUTE', {
      min: 1,
      max: 1_000_000_000,
      fallback: 20,
    }),
    logLevel: read.choice('COURIERX_LOG_LEVEL', LOG_LEVELS, 'info'),
    workerConcurrency: read.integer('COURIERX_WORKER_CONCURRENCY', {
      min: 1,
      max: 2000,
      fallback: 256,
    }),
    providerTimeLimits: readTimeLimits(read, faults),
    tracing: readTracing(read, { env, faults }),
    dashboard,
    buildsDashboard: dashboard === 'on' && !isAsBuilt,
    client: {
      baseUrl:
        read.url('COURIERX_BASE_URL') ?? `http://${isIPv6(host) ? `[${host}]` : host}:${port}`,
      apiKey: read.text('COURIERX_API_KEY'),
    },
  };
  if (faults.length > 0) throw new ConfigError(faults);
  Object.freeze(config.client);
  return Object.freeze(config);
}

function readDirectUrl(read: Reader, hasDatabaseUrl: boolean, faults: string[]): string | null {
  const name = 'DATABASE_DIRECT_URL';
  const url = read.databaseUrl(name);
  if (url !== null && !hasDatabaseUrl) faults.push(`${name} is of use only beside DATABASE_URL`);
  return url;
}

function readMetricsPort(read: Reader): number | null {
  const name = 'COURIERX_METRICS_PORT';
  if (read.text(name) === null) return null;
  return read.integer(name, { min: 0, max: 65_535, fallback: 0 });
}

const MAX_CONNECT_MS = 60_000;
/** Above an attempt's limit, a dead worker's permits and leases would lapse under a living one. */
const MAX_TOTAL_MS = 60_000;

function readTimeLimits(read: Reader, faults: string[]): TimeLimits {
  const limit = (name: string, max: number, fallback: number) =>
    read.integer(name, { min: 50, max, fallback });
  const [total, firstByte] = [
    'COURIERX_PROVIDER_TIMEOUT_MS',
    'COURIERX_PROVIDER_FIRST_BYTE_TIMEOUT_MS',
  ];
  // Nothing was sent before there is a connection, so that giving up early costs no copy.
  const connectMs = limit('COURIERX_PROVIDER_CONNECT_TIMEOUT_MS', MAX_CONNECT_MS, 3_000);
  const firstByteMs = limit(firstByte, MAX_TOTAL_MS, 15_000);
  const totalMs = limit(total, MAX_TOTAL_MS, 60_000);
  if (totalMs < firstByteMs) faults.push(`${total} must not be below ${firstByte}`);
  return { connectMs, firstByteMs, totalMs };
}

function parseKey(text: string): Buffer | null {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return null;
  const key = Buffer.from(text, 'base64url');
  return key.length === 32 ? key : null;
}

const KEY_HINT =
  "must be 32 bytes as base64 or hex; make one with: node -e \"console.log(require('node:crypto').randomBytes(32).toString('base64'))\"";

function readKeys(read: Reader, isRequired: boolean, faults: string[]): readonly Buffer[] {
  const [name, previousName] = ['COURIERX_ENCRYPTION_KEY', 'COURIERX_ENCRYPTION_KEY_PREVIOUS'];
  const current = read.text(name);
  const previous = listOf(read.text(previousName));
  if (current === null && isRequired) {
    faults.push(`${name} is required with DATABASE_URL; it ${KEY_HINT}`);
  } else if (current === null && previous.length > 0) {
    faults.push(`${previousName} is of use only beside ${name}, the key that is current`);
  }
  const texts = previous.map((text) => ({ name: previousName, text }));
  if (current !== null) texts.unshift({ name, text: current });
  return texts.flatMap(({ name: of, text }) => {
    const key = parseKey(text);
    if (!key) faults.push(`${of} ${KEY_HINT}`);
    return key ?? [];
  });
}

function readJwtSecret(read: Reader, isRequired: boolean, faults: string[]): Buffer | null {
  const name = 'COURIERX_JWT_SECRET';
  const text = read.text(name);
  if (text === null) {
    if (isRequired) {
      faults.push(`${name} is required with DATABASE_URL; use at least 32 random characters`);
    }
    return null;
  }
  if (Buffer.byteLength(text) < 32) faults.push(`${name} must be at least 32 characters long`);
  return Buffer.from(text);
}
