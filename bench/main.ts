// Figures for this machine: `npm run bench [-- --quick] [--json] [--only start,accept]`
import { parseArgs } from 'node:util';
import type { Part } from './part.ts';
import { benchAccept } from './parts/accept.ts';
import { benchClaims } from './parts/claims.ts';
import { benchDashboard } from './parts/dashboard.ts';
import { benchEndToEnd } from './parts/end-to-end.ts';
import { benchFailover } from './parts/failover.ts';
import { benchListing } from './parts/listing.ts';
import { benchNeighbour } from './parts/neighbour.ts';
import { benchPacing } from './parts/pacing.ts';
import { benchPeers } from './parts/peers.ts';
import { benchRecovery } from './parts/recovery.ts';
import { benchRetention } from './parts/retention.ts';
import { benchStart } from './parts/start.ts';
import { benchSuppressions } from './parts/suppressions.ts';
import { benchWebhooks } from './parts/webhooks.ts';
import { cleanUp } from './processes.ts';
import { Report } from './report.ts';

/** In the order they run. */
const PARTS: Readonly<Record<string, Part>> = {
  start: benchStart,
  accept: benchAccept,
  'e2e-smtp': benchEndToEnd('smtp'),
  'e2e-http': benchEndToEnd('http'),
  failover: benchFailover,
  pacing: benchPacing,
  peers: benchPeers,
  claims: benchClaims,
  neighbour: benchNeighbour,
  recovery: benchRecovery,
  listing: benchListing,
  dashboard: benchDashboard,
  suppressions: benchSuppressions,
  webhooks: benchWebhooks,
  retention: benchRetention,
};

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(PARTS).join(',') },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const wanted = options.only.split(',');
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  process.stderr.write(
    `--only knows ${Object.keys(PARTS).join(', ')}; not ${unknown.join(', ')}\n`,
  );
  process.exit(2);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => void cleanUp().then(() => process.exit(130)));
}

const report = new Report();
try {
  for (const [name, part] of Object.entries(PARTS)) {
    if (wanted.includes(name)) await part({ report, isQuick: options.quick });
  }
  report.print(options.json);
  process.exitCode = report.faults > 0 ? 1 : 0;
} finally {
  await cleanUp();
}
