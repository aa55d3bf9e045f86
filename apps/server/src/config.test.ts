import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig } from './config.ts';

const KEY = Buffer.alloc(32, 7);
const SECRET = 's'.repeat(32);
const DATABASE = {
  DATABASE_URL: 'postgres://u:hunter2@db/courierx',
  COURIERX_ENCRYPTION_KEY: KEY.toString('base64'),
  COURIERX_JWT_SECRET: SECRET,
};

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}

describe('readConfig', () => {
  test('needs nothing at all', () => {
    expect(readConfig({ PORT: '', HOST: ' ' })).toMatchObject({
      port: 4000,
      host: '127.0.0.1',
      databaseUrl: null,
      encryptionKeys: [],
      jwtSecret: null,
      publicUrl: null,
      role: 'all',
      privateNetworks: 'deny',
      dnsServers: [],
      trustedProxies: [],
      rateLimitPerMinute: 6000,
      authRateLimitPerMinute: 20,
      logLevel: 'info',
    });
  });

  test('takes a way past a pooler, beside the way through it', () => {
    const url = 'postgres://u:hunter2@db:5432/courierx';
    expect(readConfig(DATABASE).databaseDirectUrl).toBeNull();
    expect(readConfig({ ...DATABASE, DATABASE_DIRECT_URL: url }).databaseDirectUrl).toBe(url);
    expect(faultsOf({ DATABASE_DIRECT_URL: url })).toEqual([
      'DATABASE_DIRECT_URL is of use only beside DATABASE_URL',
    ]);
    expect(faultsOf({ ...DATABASE, DATABASE_DIRECT_URL: 'mysql://x' })).toHaveLength(1);
  });

  test('is frozen', () => {
    expect(Object.isFrozen(readConfig({}))).toBe(true);
  });

  test.each([KEY.toString('base64'), KEY.toString('base64url'), KEY.toString('hex')])(
    'takes the key as %s',
    (text) => {
      const env = {
        COURIERX_ENCRYPTION_KEY: text,
        COURIERX_ENCRYPTION_KEY_PREVIOUS: `${'ab'.repeat(32)}, ${'cd'.repeat(32)}`,
      };
      const [current, ...previous] = readConfig(env).encryptionKeys;
      expect(current).toEqual(KEY);
      expect(previous).toEqual([Buffer.alloc(32, 0xab), Buffer.alloc(32, 0xcd)]);
    },
  );

  test.each<[Record<string, string>, RegExp]>([
    [{ PORT: '70000' }, /^PORT must be a whole number from 0 to 65535, not "70000"$/],
    [{ PORT: '1e3' }, /^PORT/],
    [{ HOST: 'http://x' }, /^HOST must be an address or a host name/],
    [{ DATABASE_URL: 'mysql://u:hunter2@x' }, /^DATABASE_URL must begin with postgres:/],
    [{ COURIERX_ENCRYPTION_KEY: 'short' }, /^COURIERX_ENCRYPTION_KEY must be 32 bytes/],
    [{ COURIERX_ENCRYPTION_KEY: 'ab'.repeat(31) }, /^COURIERX_ENCRYPTION_KEY must be 32 bytes/],
    [{ COURIERX_ENCRYPTION_KEY_PREVIOUS: 'ab'.repeat(32) }, /_PREVIOUS is of use only beside/],
    [{ COURIERX_JWT_SECRET: 'short' }, /^COURIERX_JWT_SECRET must be at least 32/],
    [{ COURIERX_PUBLIC_URL: 'mail.example.com' }, /^COURIERX_PUBLIC_URL must be an http/],
    [{ COURIERX_PUBLIC_URL: 'https://:p@a.example' }, /^COURIERX_PUBLIC_URL must be an http/],
    [{ COURIERX_PUBLIC_URL: 'https://a.example/?' }, /^COURIERX_PUBLIC_URL must be an http/],
    [{ COURIERX_PUBLIC_URL: 'https://a.example/#x' }, /^COURIERX_PUBLIC_URL must be an http/],
    [{ COURIERX_ROLE: 'boss' }, /^COURIERX_ROLE must be one of all, api, worker, not "boss"$/],
    [{ COURIERX_PRIVATE_NETWORKS: 'yes' }, /^COURIERX_PRIVATE_NETWORKS/],
    [{ COURIERX_DNS_SERVERS: '1.1.1.1:99999' }, /^COURIERX_DNS_SERVERS/],
    [{ COURIERX_DNS_SERVERS: 'dns.example.com' }, /^COURIERX_DNS_SERVERS/],
    [{ COURIERX_TRUSTED_PROXIES: '10.0.0.0/99' }, /^COURIERX_TRUSTED_PROXIES/],
    [{ COURIERX_RATE_LIMIT_PER_MINUTE: '0' }, /^COURIERX_RATE_LIMIT_PER_MINUTE/],
    [{ COURIERX_AUTH_RATE_LIMIT_PER_MINUTE: '-1' }, /^COURIERX_AUTH_RATE_LIMIT_PER_MINUTE/],
    [{ COURIERX_WORKER_CONCURRENCY: 'many' }, /^COURIERX_WORKER_CONCURRENCY/],
    [{ COURIERX_PROVIDER_CONNECT_TIMEOUT_MS: '3s' }, /^COURIERX_PROVIDER_CONNECT_TIMEOUT_MS/],
    [{ COURIERX_PROVIDER_FIRST_BYTE_TIMEOUT_MS: '0' }, /^COURIERX_PROVIDER_FIRST_BYTE_TIMEOUT_MS/],
    [{ COURIERX_PROVIDER_TIMEOUT_MS: '9000' }, /^COURIERX_PROVIDER_TIMEOUT_MS must not be below/],
    [{ COURIERX_LOG_LEVEL: 'loud' }, /^COURIERX_LOG_LEVEL/],
  ])('refuses %j', (env, message) => {
    const faults = faultsOf(env);
    const own = faults.filter((fault) => message.test(fault));
    expect(own).toHaveLength(1);
    expect(faults.join(' ')).not.toContain('hunter2');
  });

  test('with DATABASE_URL both secrets must be set, and all faults are told at once', () => {
    expect(readConfig(DATABASE).databaseUrl).toBe(DATABASE.DATABASE_URL);
    const faults = faultsOf({ DATABASE_URL: DATABASE.DATABASE_URL, PORT: 'x' });
    expect(faults.map((fault) => fault.split(' ', 1)[0]).sort()).toEqual([
      'COURIERX_ENCRYPTION_KEY',
      'COURIERX_JWT_SECRET',
      'PORT',
    ]);
  });

  test('takes lists of proxies and DNS servers', () => {
    const config = readConfig({
      COURIERX_TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,::1',
      COURIERX_DNS_SERVERS: '1.1.1.1,[::1]:5353',
    });
    expect(config.trustedProxies).toEqual(['loopback', '10.0.0.0/8', '::1']);
    expect(config.dnsServers).toEqual(['1.1.1.1', '[::1]:5353']);
  });
});

test('the command line calls an IPv6 host in brackets', () => {
  expect(readConfig({ HOST: '::1' }).client.baseUrl).toBe('http://[::1]:4000');
});

describe('tracing', () => {
  const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };

  test('is off without an endpoint, and where OpenTelemetry says so', () => {
    expect(readConfig({ OTEL_SERVICE_NAME: 'mail' }).tracing).toBeNull();
    expect(readConfig({ ...ENDPOINT, OTEL_SDK_DISABLED: 'true' }).tracing).toBeNull();
    expect(readConfig({ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }).tracing).toBeNull();
  });

  test('goes to the endpoint for all signals, or to that for traces as it stands', () => {
    expect(readConfig({ ...ENDPOINT, OTEL_SERVICE_NAME: 'mail' }).tracing).toEqual({
      url: 'http://collector:4318/v1/traces',
      serviceName: 'mail',
      sampler: 'parentbased_always_on',
      ratio: 1,
    });
    const env = { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://traces/in' };
    expect(readConfig(env).tracing?.url).toBe('https://traces/in');
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, /^OTEL_EXPORTER_OTLP_ENDPOINT must be an/],
    [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /_PROTOCOL must be one of http\/json/],
    [{ ...ENDPOINT, OTEL_TRACES_SAMPLER: 'some' }, /^OTEL_TRACES_SAMPLER must be one of always_on/],
    [{ ...ENDPOINT, OTEL_TRACES_SAMPLER_ARG: '2' }, /^OTEL_TRACES_SAMPLER_ARG must be a number/],
  ])('refuses %j', (env, message) => {
    expect(faultsOf(env)).toEqual([expect.stringMatching(message)]);
  });
});
