import { createOutboundGuard } from '../apps/server/src/lib/outbound-guard.ts';
import { createProviderHttp } from '../apps/server/src/providers/http.ts';
import { renderMatrix } from '../apps/server/src/providers/matrix.ts';
import { createProviderRegistry } from '../apps/server/src/providers/registry.ts';

/** Where the page is kept. */
export const MATRIX_FILE = new URL('../docs/provider-matrix.md', import.meta.url);

/** The page of every adapter there is. */
export async function generateMatrix(): Promise<string> {
  const guard = createOutboundGuard({ privateNetworks: 'deny' });
  const timeLimits = { connectMs: 1_000, firstByteMs: 1_000, totalMs: 1_000 };
  const http = createProviderHttp({ guard, timeLimits });
  const registry = createProviderRegistry({
    ...{ guard, http, timeLimits },
    keepInSandbox: () => Promise.resolve(),
  });
  const page = renderMatrix([...registry.values()]);
  await Promise.all([...registry.values()].map((provider) => provider.close()));
  await http.close();
  return page;
}
