import { readFile } from 'node:fs/promises';
import { ERROR_STATUS, PROVIDER_NAMES } from '@courierx/contract';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/http/openapi/operations.ts';
import { createProviderRegistry } from '../../src/providers/registry.ts';

const guide = (name: string) =>
  readFile(new URL(`../../../../docs/${name}.md`, import.meta.url), 'utf8');

const unused = () => Promise.reject(new Error('not used'));
const providers = createProviderRegistry({
  http: { request: unused, close: () => Promise.resolve() },
  guard: { lookup: () => undefined, resolve: unused, allowsPrivateNetworks: false },
  timeLimits: { connectMs: 1, firstByteMs: 1, totalMs: 1 },
  keepInSandbox: unused,
});

describe('the guides', () => {
  it.each(Object.entries(ERROR_STATUS))('say what to do about %s', async (code, status) => {
    expect(await guide('errors')).toMatch(new RegExp(`^\\| ${status} +\\| \`${code}\``, 'm'));
  });

  it.each(PROVIDER_NAMES)('name the credentials of %s', async (name) => {
    const { required, optional } = providers.get(name)?.credentials ?? {};
    const [line = ''] = (await guide('api')).match(new RegExp(`^\\| \`${name}\` .*$`, 'm')) ?? [];
    const [, , needed = '', others = ''] = line.split('|');
    for (const field of required ?? []) expect(needed).toContain(`\`${field}\``);
    for (const field of optional ?? []) expect(others).toContain(`\`${field}\``);
  });

  it('know every resource of the API', async () => {
    const text = await guide('api');
    const resources = Object.keys(OPERATIONS).map((call) => /\/api\/v1\/(\w+)/.exec(call)?.[1]);
    const missing = [...new Set(resources)].filter(
      (resource) =>
        resource !== undefined && resource !== 'webhooks' && !text.includes(`/${resource}`),
    );
    expect(missing).toEqual([]);
  });
});
