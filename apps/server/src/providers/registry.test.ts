import { PROVIDER_NAMES } from '@courierx/contract';
import { expect, it } from 'vitest';
import { createOutboundGuard } from '../lib/outbound-guard.ts';
import { createProviderHttp } from './http.ts';
import { createProviderRegistry } from './registry.ts';

it('has an adapter under each of its names, and each name is one of the contract', async () => {
  const guard = createOutboundGuard({ privateNetworks: 'deny' });
  const timeLimits = { connectMs: 1_000, firstByteMs: 1_000, totalMs: 1_000 };
  const http = createProviderHttp({ guard, timeLimits });
  const keepInSandbox = () => Promise.resolve();
  const registry = createProviderRegistry({ guard, http, timeLimits, keepInSandbox });
  expect([...registry.keys()]).toEqual([...PROVIDER_NAMES]);
  for (const [name, provider] of registry) {
    expect(PROVIDER_NAMES).toContain(name);
    expect(provider.name).toBe(name);
    await provider.close();
  }
  await http.close();
});
