import type pg from 'pg';
import { SENDGRID_KEY, startFakeSendGrid } from '../fakes/sendgrid.ts';
import { findClosedPort } from '../fakes/raw-server.ts';
import { POSTMARK_TOKEN, startFakePostmark } from '../fakes/postmark.ts';
import type { Dashboard } from './dashboard.ts';
import { waitFor } from './wait-for.ts';

const SUBJECTS = [
  ...['Your order has been shipped', 'Your receipt', 'Confirm your address'],
  ...['What is new in March', 'Your weekly report', 'Reset your password'],
];
const TAGS = ['order', 'receipt', 'welcome', 'newsletter', 'report', 'password'];
const PEOPLE = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald', 'margaret', 'tim'];
const MAILS = 240;
const HTML = `<div style="font-family:sans-serif;max-width:32rem;margin:2rem auto">
  <h1 style="font-size:1.4rem">Your order is on its way</h1>
  <p>Hello Grace, we have packed everything and handed it over this morning.</p>
  <p><a href="https://shop.example/track">Follow it</a></p></div>`;

export type BusyAccount = {
  /** A mail that the first connection failed and the second one took. */
  readonly failedOverId: string;
  close(): Promise<void>;
};

/**
 * An account as it looks after weeks of use: SendGrid first, Postmark behind it, some hundred mails and
 * what became of them. Mail goes out to fakes; what lies in the past is put into the tables.
 */
export async function fillBusyAccount(dashboard: Dashboard, pool: pg.Pool): Promise<BusyAccount> {
  const sendgrid = await startFakeSendGrid();
  const postmark = await startFakePostmark();
  const connect = (provider: string, over: object) =>
    dashboard.call('POST', '/provider_connections', { provider, ...over });
  const main = { api_key: SENDGRID_KEY, endpoint: sendgrid.url, priority: 1 };
  await connect('sendgrid', { display_name: 'SendGrid Primary', ...main });
  const spare = { api_key: POSTMARK_TOKEN, endpoint: postmark.url, priority: 2 };
  await connect('postmark', { display_name: 'Postmark Backup', ...spare });
  for (let n = 0; n < MAILS; n += 1) await dashboard.call('POST', '/emails', mailOf(n));
  await allSent(pool, MAILS);
  sendgrid.script({ do: 'answer', status: 503, body: { errors: [{ message: 'Try later' }] } });
  const { id } = (await dashboard.call('POST', '/emails', {
    ...{ ...mailOf(1), to: 'Grace Hopper <grace@example.com>', html: HTML },
    ...{ subject: 'Your order has been shipped', metadata: { order: 4711, shop: 'eu' } },
  })) as { id: string };
  await allSent(pool, MAILS + 1);
  await addThePast(pool, id);
  return {
    failedOverId: id,
    async close() {
      await sendgrid.close();
      await postmark.close();
    },
  };
}

const LONG = 'Our own mail server in the basement of the Hamburg office';
const LONG_ADDRESS =
  'a.very.long.local.part.of.an.address.indeed@subdomain.of.a.long.domain.example';

/** One of everything with the longest name that somebody would give it; the id of the mail. */
export async function addLongNames(dashboard: Dashboard): Promise<string> {
  const make = async (path: string, body: object) =>
    ((await dashboard.call('POST', path, body)) as { id: string }).id;
  const connection_id = await make('/provider_connections', {
    ...{
      provider: 'smtp',
      display_name: LONG,
      priority: 9,
      max_per_day: 500,
      max_per_month: 10_000,
    },
    ...{ smtp_host: '127.0.0.1', smtp_port: await findClosedPort(), smtp_tls: 'none' },
  });
  await make('/routing_rules', {
    ...{ name: `Mail of ${LONG}`, strategy: 'weighted', connections: [{ connection_id }] },
    match: { sender_domain: 'transactional.a-rather-long-company-name.example', tag: 'x' },
  });
  await make('/domains', { domain: 'transactional.notifications.a-long-company-name.example' });
  await make('/suppressions', { email: LONG_ADDRESS, reason: 'manual', note: `Rang ${LONG}` });
  await make('/webhook_endpoints', {
    ...{ url: 'http://127.0.0.1:9/a/rather/long/path/of/the/webhooks/of/the/billing/service' },
    ...{ description: `Billing of ${LONG}`, events: ['bounced', 'complained', 'failed'] },
  });
  await make('/api_keys', {
    ...{ name: `Newsletters of ${LONG}`, role: 'send', expires_at: '2035-01-01T00:00:00Z' },
    domain: 'news.a-rather-long-company-name.example',
  });
  return make('/emails', {
    ...{ from: 'hello@shop.example', to: [`x.${LONG_ADDRESS}`, LONG_ADDRESS, 'b@example.com'] },
    subject: 'ברוכים הבאים: a subject that is in no list of the world in a single line, nor here',
    ...{ text: 'x', tags: ['a-long-tag-of-a-campaign-of-the-spring-of-2026', 'welcome'] },
  });
}

function mailOf(n: number) {
  const pick = (list: readonly string[]) => list[n % list.length] ?? '';
  const to = `${PEOPLE[(n * 5) % PEOPLE.length] ?? ''}${n % 3 === 0 ? '' : n % 40}@example.com`;
  const text = 'Thank you for your order.';
  return {
    from: 'Shop <hello@shop.example>',
    to,
    subject: pick(SUBJECTS),
    text,
    tags: [pick(TAGS)],
  };
}

async function allSent(pool: pg.Pool, amount: number): Promise<void> {
  await waitFor(
    async () => {
      const { rows } = await pool.query<{ sent: number }>(
        `select count(*)::int as sent from email_states where status = 'sent'`,
      );
      return rows[0]?.sent === amount;
    },
    { timeoutMs: 60_000, what: `${amount} mails to be sent` },
  );
}

async function addThePast(pool: pg.Pool, failedOverId: string): Promise<void> {
  await pool.query(
    `insert into email_events (account_id, email_id, id, type, recipient, provider, connection_id,
                               detail, occurred_at, bounce_type)
     select e.account_id, e.id, uuidv7(), what.type, lower(e.recipient_search), a.provider,
            a.connection_id, what.detail, now() + what.after, what.bounce
     from emails e
     join attempts a on a.account_id = e.account_id and a.email_id = e.id and a.outcome = 'accepted'
     cross join lateral (select mod(abs(hashtext(e.id::text)), 100) as n) dice
     cross join lateral (values
       ('delivered', '250 2.0.0 OK', interval '2 seconds', null, e.id = $1 or n >= 4),
       ('bounced', '550 5.1.1 no such user', interval '2 seconds', 'hard', e.id <> $1 and n < 3),
       ('deferred', '450 4.2.0 try again later', interval '1 second', null, e.id <> $1 and n = 3),
       ('opened', null, interval '40 seconds', null, e.id = $1 or n > 55),
       ('clicked', null, interval '50 seconds', null, e.id = $1 or n > 88)
     ) as what (type, detail, after, bounce, happens)
     where what.happens`,
    [failedOverId],
  );
  await pool.query(
    `update email_states s set status = w.status, recipient_statuses = array[w.status]
     from (select email_id, case when bool_or(type = 'bounced') then 'bounced' else 'delivered' end as status
           from email_events where type in ('bounced', 'delivered') group by 1) w
     where w.email_id = s.email_id`,
  );
  await pool.query(
    `update emails e set created_at = now() - (r.place - 1) * interval '7 minutes'
     from (select id, row_number() over (order by id desc) as place from emails) r
     where r.id = e.id`,
  );
  await pool.query(
    `insert into usage_days (account_id, day, provider, type, amount)
     select account.id, (now() at time zone 'UTC')::date - day, w.provider, w.type,
            (w.share * (900 + 420 * sin(day * 0.9) + 11 * (30 - day)))::int
     from (select distinct account_id as id from emails) account, generate_series(0, 45) day,
       (values ('sendgrid', 'sent', 1.0), ('sendgrid', 'delivered', 0.981),
               ('sendgrid', 'bounced', 0.014), ('sendgrid', 'hard_bounced', 0.009),
               ('sendgrid', 'complained', 0.0011), ('sendgrid', 'opened', 0.44),
               ('sendgrid', 'clicked', 0.11), ('sendgrid', 'deferred', 0.02),
               ('postmark', 'sent', 0.12), ('postmark', 'delivered', 0.119),
               ('postmark', 'bounced', 0.001), ('postmark', 'opened', 0.06),
               ('postmark', 'clicked', 0.02), ('', 'suppressed', 0.004)) w (provider, type, share)`,
  );
  const moved = [
    ...['emails set created_at = created_at', 'email_states set sent_at = sent_at'],
    ...['email_events set occurred_at = occurred_at', 'attempts set started_at = started_at'],
    'attempts set finished_at = finished_at',
  ];
  for (const move of moved) {
    const id = move.startsWith('emails ') ? 'id' : 'email_id';
    await pool.query(`update ${move} - interval '6 minutes' where ${id} = $1`, [failedOverId]);
  }
}
