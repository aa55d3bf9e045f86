import { signUp } from '../api.ts';
import { runLoad } from '../load.ts';
import type { PartContext } from '../part.ts';
import { makeDataDir, startCourierx } from '../processes.ts';
import { median, progress, whole } from '../report.ts';

const LINES_AN_UPLOAD = 250_000;

type List = { readonly url: string; readonly token: string };

/** Import and export of a long list; and accepting beside it, in turns with an account without one. */
export async function benchSuppressions({ report, isQuick }: PartContext): Promise<void> {
  const [entries, rounds, seconds] = isQuick ? [100_000, 2, 2] : [1_000_000, 5, 5];
  const dataDir = await makeDataDir();
  const server = await startCourierx({ COURIERX_DATA_DIR: dataDir, COURIERX_ROLE: 'api' });
  const { url } = server;
  const { token: empty } = await signUp(url);
  const { token } = await signUp(url);
  progress(`suppressions: importing ${whole(entries)}`);
  const imported = await importEntries({ url, token }, entries);
  report.add('suppressions imported', `${whole(imported)} lines/s`);
  const exported = await exportEntries({ url, token }, entries);
  report.add('suppressions exported', `${whole(exported)} lines/s`);
  const rates = { without: [] as number[], beside: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    const isWarmUp = round === 0;
    const without = await runLoad({ url, token: empty, seconds: isWarmUp ? 2 : seconds });
    const beside = await runLoad({ url, token, seconds: isWarmUp ? 2 : seconds });
    if (isWarmUp) continue;
    rates.without.push(without.perSecond);
    rates.beside.push(beside.perSecond);
    report.faults += without.not202 + beside.not202;
  }
  const [without, beside] = [median(rates.without), median(rates.beside)];
  report.add(`accepted beside ${whole(entries)} suppressions`, `${whole(beside)} mails/s`);
  report.add('accepted beside none', `${whole(without)} mails/s`);
  const ratio = beside / without;
  report.add('  with to without', ratio.toFixed(2), { text: '≥ 0.95', isMet: ratio >= 0.95 });
  await server.stop();
}

async function importEntries({ url, token }: List, entries: number): Promise<number> {
  const startedAt = performance.now();
  for (let from = 0; from < entries; from += LINES_AN_UPLOAD) {
    const count = Math.min(LINES_AN_UPLOAD, entries - from);
    const lines = Array.from(
      { length: count },
      (_, index) =>
        `user${(from + index) * 7919}@mail${index % 500}.example,bounce,550 no such user`,
    );
    const response = await fetch(`${url}/api/v1/suppressions/import`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', authorization: `Bearer ${token}` },
      body: lines.join('\n'),
    });
    const answer = (await response.json()) as { imported: number };
    if (answer.imported !== count) throw new Error(`import: ${JSON.stringify(answer)}`);
  }
  return entries / ((performance.now() - startedAt) / 1000);
}

async function exportEntries({ url, token }: List, entries: number): Promise<number> {
  const startedAt = performance.now();
  const response = await fetch(`${url}/api/v1/suppressions/export`, {
    headers: { authorization: `Bearer ${token}` },
  });
  let lines = -1;
  for await (const chunk of response.body ?? []) {
    for (const byte of chunk as Uint8Array) if (byte === 10) lines += 1;
  }
  if (lines !== entries) throw new Error(`export: ${lines} of ${entries} lines`);
  return entries / ((performance.now() - startedAt) / 1000);
}
