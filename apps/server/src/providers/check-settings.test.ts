import fc from 'fast-check';
import { PROVIDER_NAMES } from '@courierx/contract';
import { describe, expect, it } from 'vitest';
import { createOutboundGuard } from '../lib/outbound-guard.ts';
import { createProviderHttp } from './http.ts';
import { createProviderRegistry } from './registry.ts';

const guard = createOutboundGuard({ privateNetworks: 'deny' });
const timeLimits = { connectMs: 500, firstByteMs: 500, totalMs: 1_000 };
const providers = createProviderRegistry({
  ...{ guard, timeLimits, http: createProviderHttp({ guard, timeLimits }) },
  keepInSandbox: () => Promise.resolve(),
});

const odd = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.constantFrom(
    ...['http://[::1', 'https://u:p@h.co', 'javascript:1', 'ftp://h', 'https://', '//h', '..'],
    ...[
      'us-east-1',
      'eu',
      'mail.example.com',
      '[::1]',
      '127.0.0.1',
      'a@b',
      '\r\n',
      ' ',
      'ä.example',
    ],
    ...['x'.repeat(2048), 'whsec_', 'whsec_%%%', 'arn:aws:sns:::', 'MFkw', '0'],
  ),
);
const settings = fc.record(
  {
    ...{ region: odd, configuration_set: odd, message_stream: odd, smtp_host: odd, endpoint: odd },
    smtp_port: fc.integer({ min: 1, max: 65_535 }),
    smtp_tls: fc.constantFrom('starttls' as const, 'implicit' as const, 'none' as const),
  },
  { requiredKeys: [] },
);
const secrets = fc.record({ api_key: odd, secret: odd }, { requiredKeys: [] });

describe.each(PROVIDER_NAMES)('%s', (name) => {
  const provider = providers.get(name);

  it('finds words for every fault of settings, whatever they are', () => {
    fc.assert(
      fc.property(settings, secrets, (some, hidden) => {
        const faults = provider?.checkSettings(some, hidden) ?? [];
        expect(faults.every((fault) => /\S/.test(fault))).toBe(true);
        for (const secret of Object.values(hidden)) {
          if (secret.length > 12) expect(faults.join('\n')).not.toContain(secret);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('finds words for every fault of a webhook secret', () => {
    fc.assert(
      fc.property(odd, (secret) => {
        const faults = provider?.webhooks?.checkSecret(secret) ?? [];
        expect(faults.every((fault) => fault.startsWith('webhook_secret'))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });
});
