import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, type Environment } from './config.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const DATABASE = { DATABASE_URL: 'postgres://u:hidden@db/x', COURIERX_JWT_SECRET: 'x'.repeat(32) };

function faultsOf(env: Environment): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

it('without settings everything has its default', () => {
  expect(readConfig({})).toMatchObject({
    ...{ port: 4000, host: '127.0.0.1', databaseUrl: null, publicUrl: null, role: 'all' },
    ...{ encryptionKeys: [], jwtSecret: null, privateNetworks: 'deny', dnsServers: [] },
    ...{ rateLimitPerMinute: 6000, authRateLimitPerMinute: 20, logLevel: 'info' },
    client: { baseUrl: 'http://127.0.0.1:4000', apiKey: null },
  });
});

it('an empty setting is an absent one', () => {
  const names = ['PORT', 'DATABASE_URL', 'COURIERX_ROLE', 'COURIERX_ENCRYPTION_KEY', 'HOST'];
  const empty = Object.fromEntries(names.map((name) => [name, ' ']));
  expect(readConfig(empty)).toEqual(readConfig({}));
});

it('every setting is read', () => {
  const config = readConfig({
    ...DATABASE,
    ...{ PORT: '0', HOST: '::1', COURIERX_ENCRYPTION_KEY: KEY, COURIERX_ROLE: 'worker' },
    COURIERX_ENCRYPTION_KEY_PREVIOUS: ` ${'ab'.repeat(32)}, ${'cd'.repeat(32)},`,
    COURIERX_PUBLIC_URL: 'https://mail.example.com/cx//',
    COURIERX_PRIVATE_NETWORKS: 'allow',
    COURIERX_DNS_SERVERS: '1.1.1.1, 9.9.9.9:53,[2606:4700::1111]:5353',
    ...{ COURIERX_RATE_LIMIT_PER_MINUTE: '1', COURIERX_AUTH_RATE_LIMIT_PER_MINUTE: '2' },
    ...{ COURIERX_LOG_LEVEL: 'silent', COURIERX_API_KEY: 'cxk_live_x' },
  });
  expect(config).toMatchObject({
    ...{ port: 0, role: 'worker', privateNetworks: 'allow', logLevel: 'silent' },
    publicUrl: 'https://mail.example.com/cx',
    dnsServers: ['1.1.1.1', '9.9.9.9:53', '[2606:4700::1111]:5353'],
    ...{ rateLimitPerMinute: 1, authRateLimitPerMinute: 2 },
    client: { baseUrl: 'http://[::1]:0', apiKey: 'cxk_live_x' },
  });
  expect(config.encryptionKeys.map((key) => key.toString('hex').slice(0, 2))).toEqual([
    '07',
    'ab',
    'cd',
  ]);
});

describe('a setting that can not be used is named', () => {
  it.each<[Environment, string]>([
    [{ PORT: '65536' }, 'PORT must be a whole number from 0 to 65535, not "65536"'],
    [{ PORT: '4e3' }, 'PORT must be'],
    [{ PORT: '-1' }, 'PORT must be'],
    [{ PORT: '80.5' }, 'PORT must be'],
    [{ COURIERX_RATE_LIMIT_PER_MINUTE: '0' }, 'COURIERX_RATE_LIMIT_PER_MINUTE must be'],
    [{ COURIERX_ROLE: 'All' }, 'COURIERX_ROLE must be one of all, api, worker, not "All"'],
    [{ COURIERX_LOG_LEVEL: 'loud' }, 'COURIERX_LOG_LEVEL must be one of'],
    [{ COURIERX_PUBLIC_URL: 'mail.example.com' }, 'COURIERX_PUBLIC_URL must be an http or https'],
    [{ COURIERX_PUBLIC_URL: 'https://u:p@a.example' }, 'COURIERX_PUBLIC_URL must be'],
    [{ COURIERX_PUBLIC_URL: 'https://:p@a.example' }, 'COURIERX_PUBLIC_URL must be'],
    [{ COURIERX_PUBLIC_URL: 'https://a.example/?' }, 'COURIERX_PUBLIC_URL must be'],
    [{ COURIERX_PUBLIC_URL: 'https://a.example/#x' }, 'COURIERX_PUBLIC_URL must be'],
    [{ COURIERX_DNS_SERVERS: 'dns.example' }, 'COURIERX_DNS_SERVERS must list addresses'],
    [{ COURIERX_DNS_SERVERS: '999.1.1.1' }, 'COURIERX_DNS_SERVERS must list addresses'],
    [{ COURIERX_DNS_SERVERS: '1.1.1.1:99999' }, 'COURIERX_DNS_SERVERS must list addresses'],
    [{ COURIERX_DNS_SERVERS: '::1' }, 'COURIERX_DNS_SERVERS must list addresses'],
    [{ COURIERX_JWT_SECRET: 'short' }, 'COURIERX_JWT_SECRET must be at least 32'],
    [{ COURIERX_ENCRYPTION_KEY: 'short' }, 'COURIERX_ENCRYPTION_KEY must be 32 bytes'],
    [{ COURIERX_ENCRYPTION_KEY: `${KEY}AAAA` }, 'COURIERX_ENCRYPTION_KEY must be 32 bytes'],
    [{ COURIERX_ENCRYPTION_KEY_PREVIOUS: KEY }, 'COURIERX_ENCRYPTION_KEY_PREVIOUS needs'],
    [
      { COURIERX_ENCRYPTION_KEY: KEY, COURIERX_ENCRYPTION_KEY_PREVIOUS: 'x' },
      'COURIERX_ENCRYPTION_KEY_PREVIOUS must be',
    ],
  ])('%j', (env, fault) => {
    const faults = faultsOf(env);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('together with all others, and without what is secret', () => {
    const faults = faultsOf({
      ...{ PORT: 'x', COURIERX_ROLE: 'x', DATABASE_URL: 'mysql://u:hidden@db/x' },
      COURIERX_ENCRYPTION_KEY: 'hidden',
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      ...[
        'DATABASE_URL',
        'PORT',
        'COURIERX_ENCRYPTION_KEY',
        'COURIERX_JWT_SECRET',
        'COURIERX_ROLE',
      ],
    ]);
    expect(faults.join()).not.toContain('hidden');
  });

  it('with DATABASE_URL also when a secret is missing', () => {
    expect(faultsOf({ DATABASE_URL: DATABASE.DATABASE_URL })).toHaveLength(2);
    expect(faultsOf({ ...DATABASE, COURIERX_ENCRYPTION_KEY: KEY })).toEqual([]);
  });
});

it('a key is the same in hex, base64 and base64url', () => {
  const bytes = Buffer.alloc(32, 0xfb);
  for (const encoding of ['hex', 'base64', 'base64url'] as const) {
    const config = readConfig({ COURIERX_ENCRYPTION_KEY: bytes.toString(encoding) });
    expect(config.encryptionKeys[0]?.equals(bytes), encoding).toBe(true);
  }
});
