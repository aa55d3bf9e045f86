import { signUp } from '../api.ts';
import { seedEmails, startDatabase } from '../database.ts';
import type { PartContext } from '../part.ts';
import { startCourierx } from '../processes.ts';
import { median, percentile, progress, whole } from '../report.ts';

/** Page 1 of the list of emails, and the 10,000th by cursor, with millions stored. */
export async function benchListing({ report, isQuick }: PartContext): Promise<void> {
  const [amount, pages] = isQuick ? [200_000, 500] : [5_000_000, 10_000];
  const database = await startDatabase();
  const server = await startCourierx({ ...database.env, COURIERX_ROLE: 'api' });
  const { accountId, token } = await signUp(server.url);
  progress(`listing: storing ${whole(amount)} mails`);
  await seedEmails(database.pool, { accountId, amount, spread: '25 days', status: 'delivered' });
  await database.pool.query('vacuum analyze emails, email_states');
  progress(`listing: walking ${whole(pages)} pages of 100`);
  const waits: number[] = [];
  const ids = new Set<string>();
  let next: string | null = '/api/v1/emails?per_page=100';
  for (let page = 0; page < pages && next !== null; page += 1) {
    const startedAt = performance.now();
    const response: Response = await fetch(`${server.url}${next}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const items = (await response.json()) as { id: string }[];
    waits.push(performance.now() - startedAt);
    for (const { id } of items) ids.add(id);
    next = /<([^>]*)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
  }
  if (ids.size !== pages * 100) throw new Error(`${ids.size} mails on ${pages} pages of 100`);
  const say = (part: readonly number[]) =>
    `${median(part).toFixed(1)} / ${percentile(part, 0.99).toFixed(1)} ms`;
  report.add(`first 100 pages of 100, of ${whole(amount)}`, say(waits.slice(0, 100)));
  report.add(`  pages ${whole(pages - 99)} to ${whole(pages)}`, say(waits.slice(-100)));
  await server.stop();
  await database.stop();
}
