import { signUp } from '../api.ts';
import { seedEmails, startDatabase, type BenchDatabase } from '../database.ts';
import type { PartContext } from '../part.ts';
import { startCourierx } from '../processes.ts';
import { median, percentile, progress, whole, type Report } from '../report.ts';

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
  await measureAnalytics({ report, amount }, { url: server.url, token, database, accountId });
  await server.stop();
  await database.stop();
}

/** Both endpoints of analytics beside those mails, after 400 busy days with every provider. */
async function measureAnalytics(
  { report, amount }: { report: Report; amount: number },
  target: { url: string; token: string; database: BenchDatabase; accountId: string },
): Promise<void> {
  const { url, token, database, accountId } = target;
  await database.pool.query(
    `insert into usage_days (account_id, day, provider, type, amount)
     select $1, current_date - day, provider, type, 1000
     from generate_series(0, 399) day,
          unnest('{sendgrid,aws_ses,mailgun,postmark,resend,smtp}'::text[]) provider,
          unnest('{sent,delivered,bounced,complained,opened,clicked,failed}'::text[]) type`,
    [accountId],
  );
  const headers = { authorization: `Bearer ${token}` };
  const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const paths = ['/dashboard/metrics?period=90d', `/usage_stats?from=${day(399)}&to=${day(0)}`];
  for (const path of paths) {
    const waits: number[] = [];
    let body: unknown = null;
    for (let round = 0; round < 100; round += 1) {
      const startedAt = performance.now();
      body = await (await fetch(`${url}/api/v1${path}`, { headers })).json();
      waits.push(performance.now() - startedAt);
    }
    const p99 = percentile(waits, 0.99);
    const value = `${median(waits).toFixed(1)} / ${p99.toFixed(1)} ms`;
    const name = path.slice(1).replace(/\?.*/, '');
    report.add(`  ${name} beside ${whole(amount)} mails p50 / p99`, value, {
      text: '< 100 ms',
      isMet: p99 < 100,
    });
    const totals = (body as { totals?: { accepted: number } }).totals;
    if (totals && totals.accepted !== amount) {
      throw new Error(`${totals.accepted} mails counted of ${amount}`);
    }
  }
}
