import { isIP } from 'node:net';
import { resolve } from 'node:path';

/** Everything that is set from outside, read once and checked. */
export type Config = {
  readonly port: number;
  readonly host: string;
  /** Absent: the embedded database in `dataDir`. */
  readonly databaseUrl: string | null;
  /** Absolute. */
  readonly dataDir: string;
  /** 32 bytes each, the current one first; empty: made once and kept in the data dir. */
  readonly encryptionKeys: readonly Buffer[];
  /** Null: made once and kept in the data dir. */
  readonly jwtSecret: Buffer | null;
  /** Without a slash at the end. */
  readonly publicUrl: string | null;
  readonly role: Role;
  readonly privateNetworks: 'deny' | 'allow';
  readonly dnsServers: readonly string[];
  readonly rateLimitPerMinute: number;
  readonly authRateLimitPerMinute: number;
  readonly logLevel: LogLevel;
  readonly workerConcurrency: number;
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

export type Environment = Readonly<Record<string, string | undefined>>;

/** The one place that sees the process's environment. */
export function readEnvironment(): Environment {
  return process.env;
}

/** Throws a {@link ConfigError} with every fault at once. */
export function readConfig(env: Environment): Config {
  const faults: string[] = [];
  const read = createReader(env, faults);
  const databaseUrl = read.databaseUrl('DATABASE_URL');
  const host = read.text('HOST') ?? '127.0.0.1';
  const port = read.integer('PORT', { min: 0, max: 65_535, fallback: 4000 });
  const config: Config = {
    host,
    port,
    databaseUrl,
    dataDir: resolve(read.text('COURIERX_DATA_DIR') ?? 'data'),
    encryptionKeys: readKeys(read, databaseUrl !== null, faults),
    jwtSecret: readJwtSecret(read, databaseUrl !== null, faults),
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
      fallback: 128,
    }),
    client: {
      baseUrl:
        read.url('COURIERX_BASE_URL') ?? `http://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
      apiKey: read.text('COURIERX_API_KEY'),
    },
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return Object.freeze(config);
}

type Reader = ReturnType<typeof createReader>;

function createReader(env: Environment, faults: string[]) {
  /** An empty variable is an absent one: compose files write `NAME=`. */
  const text = (name: string): string | null => {
    const value = env[name]?.trim();
    return value === undefined || value === '' ? null : value;
  };

  return {
    text,
    integer(name: string, range: { min: number; max: number; fallback: number }): number {
      const value = text(name);
      if (value === null) return range.fallback;
      const number = Number(value);
      if (/^\d+$/.test(value) && number >= range.min && number <= range.max) return number;
      faults.push(
        `${name} must be a whole number from ${range.min} to ${range.max}, not "${value}"`,
      );
      return range.fallback;
    },
    choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
      const value = text(name);
      const found = choices.find((choice) => choice === value);
      if (value !== null && found === undefined) {
        faults.push(`${name} must be one of ${choices.join(', ')}, not "${value}"`);
      }
      return found ?? fallback;
    },
    url(name: string): string | null {
      const value = text(name);
      if (value === null) return null;
      const url = URL.parse(value);
      if (url && /^https?:$/.test(url.protocol) && isPlain(url, value)) {
        return value.replace(/\/+$/, '');
      }
      faults.push(`${name} must be an http or https address such as https://mail.example.com`);
      return null;
    },
    databaseUrl(name: string): string | null {
      const value = text(name);
      if (value !== null && !/^postgres(ql)?:\/\//.test(value)) {
        // The value may hold a password, so it is not repeated.
        faults.push(`${name} must begin with postgres:// or postgresql://`);
      }
      return value;
    },
    hostPorts(name: string): readonly string[] {
      const list = (text(name) ?? '').split(',').map((part) => part.trim());
      return list.filter((part) => {
        if (part === '') return false;
        if (isHostPort(part)) return true;
        faults.push(`${name} must list addresses as host:port, not "${part}"`);
        return false;
      });
    },
  };
}

/** No credentials, no query, no fragment: what is joined with a path. */
function isPlain({ username, password }: URL, text: string): boolean {
  return username === '' && password === '' && !/[?#]/.test(text);
}

function isHostPort(text: string): boolean {
  const [, ipv6 = '', ipv4 = '', port = '53'] =
    /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const isAddress = ipv6 === '' ? isIP(ipv4) === 4 : isIP(ipv6) === 6;
  return isAddress && Number(port) >= 1 && Number(port) <= 65_535;
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
  const current = read.text('COURIERX_ENCRYPTION_KEY');
  const previous = (read.text('COURIERX_ENCRYPTION_KEY_PREVIOUS') ?? '').split(',');
  if (current === null) {
    if (isRequired) {
      faults.push(`COURIERX_ENCRYPTION_KEY is required with DATABASE_URL; it ${KEY_HINT}`);
    }
    if (previous.some((text) => text.trim() !== '')) {
      faults.push('COURIERX_ENCRYPTION_KEY_PREVIOUS needs COURIERX_ENCRYPTION_KEY beside it');
    }
    return [];
  }
  const keys = [{ name: 'COURIERX_ENCRYPTION_KEY', text: current }].concat(
    previous
      .map((text) => ({ name: 'COURIERX_ENCRYPTION_KEY_PREVIOUS', text: text.trim() }))
      .filter(({ text }) => text !== ''),
  );
  return keys.flatMap(({ name, text }) => {
    const key = parseKey(text);
    if (!key) faults.push(`${name} ${KEY_HINT}`);
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
