import { runLoad } from './load.ts';
import { makeDataDir, startCourierx } from './processes.ts';

const LINES_AN_UPLOAD = 250_000;

export type SuppressionFigures = {
  /** Lines a second, from the first byte sent to the answer. */
  readonly importedPerSecond: number;
  readonly exportedPerSecond: number;
  /** Mails a second from accounts with no entry and with `entries`. */
  readonly accepted: { readonly without: number[]; readonly with: number[] };
  readonly not202: number;
};

/** Accepting beside a list of `entries`, in turns with an account that has none. */
export async function benchSuppressions(options: {
  entries: number;
  rounds: number;
  seconds: number;
  signUp: (url: string) => Promise<string>;
}): Promise<SuppressionFigures> {
  const { entries, rounds, seconds, signUp } = options;
  const server = await startCourierx({
    COURIERX_DATA_DIR: await makeDataDir(),
    COURIERX_ROLE: 'api',
  });
  const { url } = server;
  const [empty, full] = [await signUp(url), await signUp(url)];
  const importedPerSecond = await importEntries({ url, token: full }, entries);
  const exportedPerSecond = await exportEntries({ url, token: full }, entries);
  const accepted = { without: [] as number[], with: [] as number[] };
  let not202 = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const without = await runLoad({ url, token: empty, seconds: round === 0 ? 2 : seconds });
    const loaded = await runLoad({ url, token: full, seconds: round === 0 ? 2 : seconds });
    if (round === 0) continue;
    accepted.without.push(without.perSecond);
    accepted.with.push(loaded.perSecond);
    not202 += without.not202 + loaded.not202;
  }
  await server.stop();
  return { importedPerSecond, exportedPerSecond, accepted, not202 };
}

type Target = { url: string; token: string };

async function importEntries({ url, token }: Target, entries: number): Promise<number> {
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

async function exportEntries({ url, token }: Target, entries: number): Promise<number> {
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
