import { existsSync } from 'node:fs';
import { chromium, type Page } from 'playwright-core';
import { buildDashboard } from '../../apps/server/src/dashboard-build.ts';
import { signUp } from '../api.ts';
import { seedEmails, startDatabase, type BenchDatabase } from '../database.ts';
import type { PartContext } from '../part.ts';
import { onCleanUp, startCourierx } from '../processes.ts';
import { median, percentile, progress, whole, type Report } from '../report.ts';

const BUILD_MS = 120_000;
const CHROMIUM = '/usr/bin/chromium';
/** Beyond it one notices that one waits. */
const NOTICED_MS = 400;
/** The dashboard asks when the typing has rested so long. */
const TYPING_MS = 250;

/** The list of a hundred thousand emails in a real browser: opened, scrolled, filtered. */
export async function benchDashboard({ report, isQuick }: PartContext): Promise<void> {
  if (!existsSync(CHROMIUM)) {
    report.add('dashboard', `NOT MEASURED: there is no ${CHROMIUM}`);
    return;
  }
  const [amount, rounds, rows] = isQuick ? [20_000, 5, 2_000] : [100_000, 40, 10_000];
  await buildDashboard({ onProgress: progress, signal: AbortSignal.timeout(BUILD_MS) });
  const database = await startDatabase();
  const server = await startCourierx(database.env);
  const { accountId, credentials } = await signUp(server.url);
  progress(`dashboard: storing ${whole(amount)} mails`);
  await seedEmails(database.pool, { accountId, amount, spread: '25 days', status: 'delivered' });
  await addVariety(database, accountId);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  onCleanUp(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await checkDashboard(server.url);
  const headers = { 'x-courierx-csrf': '1' };
  await page.request.post(`${server.url}/api/v1/auth/session`, { headers, data: credentials });
  const say = (name: string, waits: readonly number[], mostMs: number) => {
    const [p50, p99] = [median(waits), percentile(waits, 0.99)];
    const aim = { text: `p99 < ${whole(mostMs)} ms`, isMet: p99 < mostMs };
    report.add(name, `${p50.toFixed(0)} / ${p99.toFixed(0)} ms`, aim);
  };

  progress(`dashboard: opening the list, ${rounds} times`);
  const opens = await repeat(rounds, async () => {
    const startedAt = performance.now();
    await page.goto(`${server.url}/emails`);
    await page.locator(ROW).first().waitFor();
    return performance.now() - startedAt;
  });
  say(`first rows of ${whole(amount)} mails, page loaded anew p50 / p99`, opens, 1000);
  progress('dashboard: filtering');
  for (const [name, choose] of Object.entries(FILTERS)) {
    const waits: number[] = [];
    await page.goto(`${server.url}/emails`);
    await page.locator(ROW).first().waitFor();
    for (let round = 0; round < rounds; round += 1) {
      waits.push(await timed(page, () => choose(page, round)));
    }
    const isTyped = name.includes('typed');
    say(`  filter by ${name}`, waits, NOTICED_MS + (isTyped ? TYPING_MS : 0));
  }
  progress(`dashboard: scrolling through ${whole(rows)} rows`);
  await page.goto(`${server.url}/emails`);
  await page.locator(ROW).first().waitFor();
  tellScroll(report, await scroll(page, rows));
  await browser.close();
  await server.stop();
  await database.stop();
}

const ROW = 'ul[aria-label="Emails"] > li';

/** One in twenty bounced, a hundred addresses, ten tags, a second connection for one in a hundred. */
async function addVariety({ pool }: BenchDatabase, accountId: string): Promise<void> {
  await pool.query(
    `update email_states set status = 'bounced', recipient_statuses = '{bounced}'
     where account_id = $1 and mod(abs(hashtext(email_id::text)), 20) = 0`,
    [accountId],
  );
  await pool.query(
    `with numbered as (
       select id, mod(abs(hashtext(id::text)), 100) as n from emails where account_id = $1)
     update emails e
     set recipient_search = 'user' || n || '@example.com', tags = array['tag' || mod(n, 10)],
         recipients = jsonb_build_array(jsonb_build_object(
           'type', 'to', 'address', 'user' || n || '@example.com', 'name', null))
     from numbered where e.account_id = $1 and e.id = numbered.id`,
    [accountId],
  );
  await pool.query(
    `insert into attempts (account_id, email_id, number, connection_id, connection_name, provider,
                           lease, trace, outcome, started_at, finished_at)
     select account_id, id, 1, uuidv7(), 'x',
            case when mod(abs(hashtext(id::text)), 100) = 0 then 'smtp' else 'sendgrid' end,
            uuidv7(), '{}', 'accepted', created_at, created_at
     from emails where account_id = $1`,
    [accountId],
  );
  await pool.query('vacuum analyze emails, email_states, attempts');
}

/** Each changes one filter; what is shown differs from round to round. */
const FILTERS: Readonly<Record<string, (page: Page, round: number) => Promise<unknown>>> = {
  status: (page, round) =>
    page.getByLabel('Status').selectOption(round % 2 === 0 ? 'bounced' : 'delivered'),
  'recipient, typed': (page, round) => page.getByLabel('Recipient').fill(`user${round}@`),
  'tag, typed': (page, round) => page.getByLabel('Tag').fill(`tag${round % 10}`),
  'provider of one in a hundred': (page, round) =>
    page.evaluate(
      (provider) => {
        const url = provider === null ? '/emails' : `/emails?provider=${provider}`;
        history.pushState({}, '', url);
        dispatchEvent(new PopStateEvent('popstate'));
      },
      round % 2 === 0 ? 'smtp' : null,
    ),
};

/** Until other rows than before are there. */
async function timed(page: Page, change: () => Promise<unknown>): Promise<number> {
  const before = await page.locator(ROW).first().locator('a').getAttribute('href');
  const startedAt = performance.now();
  await change();
  await page.waitForFunction(
    ([row, old]) => {
      const link = document.querySelector(`${row} a`);
      return link !== null && link.getAttribute('href') !== old;
    },
    [ROW, before] as const,
    { polling: 'raf' },
  );
  return performance.now() - startedAt;
}

type Scroll = {
  readonly frames: readonly number[];
  readonly blanks: number;
  readonly seconds: number;
};

/** A screen of rows every third frame, as fast as a hand does; `blanks`: frames without rows in sight. */
function scroll(page: Page, rows: number): Promise<Scroll> {
  return page.evaluate(
    async ({ selector, most }) => {
      const frames: number[] = [];
      let blanks = 0;
      const startedAt = performance.now();
      let last = startedAt;
      for (let frame = 0; ; frame += 1) {
        const at = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
        frames.push(at - last);
        last = at;
        const shown = [...document.querySelectorAll(selector)];
        const isShown = shown.some((row) => {
          const { top, bottom } = row.getBoundingClientRect();
          return bottom > 0 && top < innerHeight;
        });
        if (!isShown) blanks += 1;
        const place = Number(shown.at(-1)?.getAttribute('aria-posinset') ?? 0);
        if (place >= most) break;
        if (frame % 3 === 0) scrollBy(0, innerHeight * 0.8);
      }
      return { frames: frames.slice(1), blanks, seconds: (performance.now() - startedAt) / 1000 };
    },
    { selector: ROW, most: rows },
  );
}

function tellScroll(report: Report, { frames, blanks, seconds }: Scroll): void {
  const [p50, p99] = [median(frames), percentile(frames, 0.99)];
  report.add('  scrolling: a frame', `${p50.toFixed(0)} / ${p99.toFixed(0)} ms`, {
    text: 'p99 < 100 ms',
    isMet: p99 < 100,
  });
  const all = `${blanks} of ${whole(frames.length)}`;
  report.add('  frames without a row in sight', `${all}, in ${seconds.toFixed(0)} s`);
}

async function repeat(rounds: number, measure: () => Promise<number>): Promise<number[]> {
  const waits: number[] = [];
  // The first one fills the browser's cache.
  await measure();
  for (let round = 0; round < rounds; round += 1) waits.push(await measure());
  return waits;
}

/** A server that finds none builds it after its start. */
async function checkDashboard(url: string): Promise<void> {
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  if (!(await answer.text()).includes('id="root"')) {
    throw new Error('The server has no dashboard: "npm run build" says why');
  }
}
