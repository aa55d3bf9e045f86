import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { EmailDetail, ProviderConnection, WebhookSetupAnswer } from '@courierx/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAwsApi } from '../../src/providers/aws-ses/api.ts';
import { createSesWebhooks } from '../../src/providers/aws-ses/webhooks.ts';
import type { WebhookRequest } from '../../src/providers/webhooks.ts';
import {
  MAILGUN_DOMAIN,
  MAILGUN_KEY,
  MAILGUN_SIGNING_KEY,
  startFakeMailgun,
} from '../fakes/mailgun.ts';
import { POSTMARK_TOKEN, startFakePostmark } from '../fakes/postmark.ts';
import { RESEND_KEY, startFakeResend } from '../fakes/resend.ts';
import { SENDGRID_KEY, startFakeSendGrid } from '../fakes/sendgrid.ts';
import { WEBHOOK_SCOPES } from '../fakes/sendgrid-webhooks.ts';
import { createSnsSigner, signSns, snsFields, TOPIC } from '../fakes/sns.ts';
import { ApiClient } from '../support/api-client.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { quietEventsDeps } from '../support/events-deps.ts';
import { createMailFixture } from '../support/mail-fixture.ts';
import { startServerProcess, testSecrets, type ServerProcess } from '../support/server-process.ts';
import { startSmtpSink, toSmtpConnection } from '../support/smtp-sink.ts';
import {
  dsnRequestOf,
  mailgunRequestOf,
  postmarkRequestOf,
  resendRequestOf,
  sendGridEventOf,
  sesMessageOf,
  type EventKind,
  type Happening,
} from '../support/vendor-events.ts';
import { waitFor } from '../support/wait-for.ts';
import { EventProcessor } from '../../src/events/processor.ts';
import { receiveWebhook } from '../../src/events/receive.ts';

const MAILS = 9;
const KILLS = 4;
const MOST_COPIES = 46;

/** A connection as a customer makes it, and requests as its provider makes them. */
type Vendor = {
  readonly connection: object;
  /** Null: the vendor has no word for it. */
  toRequest(happening: Happening): WebhookRequest | null;
  close(): Promise<void>;
};

const closers: (() => Promise<unknown>)[] = [];
let env: Record<string, string>;
let database: TestDatabase | null = null;
let server: ServerProcess | null = null;

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'courierx-events-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  const isShared = (process.env['DATABASE_URL'] ?? '') !== '';
  database = isShared ? await createTestDatabase() : null;
  env = {
    COURIERX_DATA_DIR: dataDir,
    COURIERX_AUTH_RATE_LIMIT_PER_MINUTE: '1000',
    // What providers are told; requests go to where the server listens.
    COURIERX_PUBLIC_URL: 'https://mail.yourapp.example',
    ...(database && { DATABASE_URL: database.url, ...testSecrets() }),
  };
});
afterAll(async () => {
  await server?.stop();
  for (const close of closers.reverse()) await close();
  await database?.drop();
});

/** The secret is where the set-up of the webhook left it: with the vendor, or in our answer. */
const VENDORS: Record<string, (told: () => string | null) => Promise<Vendor>> = {
  async mailgun() {
    const fake = await startFakeMailgun();
    return {
      connection: {
        ...{ provider: 'mailgun', api_key: MAILGUN_KEY, smtp_host: MAILGUN_DOMAIN },
        ...{ region: 'us', endpoint: fake.url },
      },
      toRequest: (happening) => mailgunRequestOf(happening, MAILGUN_SIGNING_KEY),
      close: () => fake.close(),
    };
  },
  async sendgrid() {
    const fake = await startFakeSendGrid({ scopes: ['mail.send', ...WEBHOOK_SCOPES] });
    return {
      connection: { provider: 'sendgrid', api_key: SENDGRID_KEY, endpoint: fake.url },
      toRequest: (happening) =>
        fake.webhooks.sign(
          fake.webhooks.list[0]?.id ?? '',
          [sendGridEventOf(happening)],
          new Date(),
        ),
      close: () => fake.close(),
    };
  },
  async postmark() {
    const fake = await startFakePostmark();
    const password = () => {
      const auth = fake.webhooks[0]?.['HttpAuth'] as { Password: string } | undefined;
      return auth?.Password ?? '';
    };
    return {
      connection: { provider: 'postmark', api_key: POSTMARK_TOKEN, endpoint: fake.url },
      toRequest: (happening) => postmarkRequestOf(happening, password()),
      close: () => fake.close(),
    };
  },
  async resend() {
    const fake = await startFakeResend();
    return {
      connection: { provider: 'resend', api_key: RESEND_KEY, endpoint: fake.url },
      toRequest: (happening) =>
        resendRequestOf(happening, fake.webhooks[0]?.signing_secret ?? 'whsec_none'),
      close: () => fake.close(),
    };
  },
  async smtp(told) {
    const sink = await startSmtpSink();
    return {
      connection: toSmtpConnection(sink),
      toRequest: (happening) => dsnRequestOf(happening, told() ?? ''),
      close: () => sink.close(),
    };
  },
};

const KINDS: readonly EventKind[][] = [
  ['delivered', 'opened', 'clicked'],
  ['bounced'],
  ['delivered', 'complained'],
];

function happeningsOf(emailIds: readonly string[]): Happening[] {
  const at = new Date(Math.floor(Date.now() / 1000) * 1000);
  return emailIds.flatMap((emailId, index) =>
    (KINDS[index % KINDS.length] ?? []).map((kind) => ({
      ...{ kind, emailId, at },
      recipient: `user${index}@example.com`,
    })),
  );
}

/** Each up to 46 times, in no order. */
function tellOften(happenings: readonly Happening[]): Happening[] {
  return happenings
    .flatMap((happening, index) =>
      Array.from({ length: index === 0 ? MOST_COPIES : 1 + (index % 7) }, () => happening),
    )
    .map((happening) => ({ happening, key: Math.random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ happening }) => happening);
}

type Told = Pick<EmailDetail, 'status' | 'events' | 'attempts'>;

/** Each event once, and the status that the whole of them means; `sent` once a copy. */
function expectTold(mail: Told, kinds: readonly EventKind[]): void {
  const types = mail.events.map(({ event_type: type }) => type).filter((type) => type !== 'queued');
  expect(types.filter((type) => type !== 'sent').toSorted()).toEqual(kinds.toSorted());
  // A worker that is killed over an attempt leaves it in doubt, and the mail may go out again.
  const copies = types.filter((type) => type === 'sent').length;
  expect(copies).toBeGreaterThan(0);
  expect(copies).toBeLessThanOrEqual(mail.attempts.length);
  expect(mail.attempts.map(({ outcome }) => outcome)).toContain('accepted');
  expect(mail.attempts.map(({ outcome }) => outcome)).not.toContain(null);
  expect(mail.status).toBe(
    kinds.includes('bounced') ? 'bounced' : kinds.length > 0 ? 'delivered' : 'sent',
  );
}

/** A provider repeats what was not answered, until the server is there again. */
async function post(urlOf: () => string, { headers, body }: WebhookRequest): Promise<void> {
  await waitFor(
    () =>
      fetch(urlOf(), {
        method: 'POST',
        headers: headers as Record<string, string>,
        body: new Uint8Array(body),
        signal: AbortSignal.timeout(10_000),
      }).then(
        ({ status }) => {
          if (status >= 400 && status < 500) throw new TypeError(`refused: ${status}`);
          return status === 200;
        },
        () => false,
      ),
    { timeoutMs: 60_000, what: 'a webhook to be taken' },
  );
}

describe('events of a real server that is killed in between', () => {
  it.each(Object.entries(VENDORS))(
    '%s: shuffled, repeated, early; each counts once',
    async (name, startVendor) => {
      let secret: string | null = null;
      const vendor = await startVendor(() => secret);
      closers.push(() => vendor.close());
      server ??= await startServerProcess(env);
      const client = new ApiClient(server.url);
      await client.signUp();
      const made = await client.ok<ProviderConnection>(
        'POST',
        '/provider_connections',
        vendor.connection,
      );
      const path = `/provider_connections/${made.id}`;
      const setup = await client.ok<WebhookSetupAnswer>('POST', `${path}/setup_webhook`);
      expect(['created', 'updated', 'manual']).toContain(setup.webhook_setup.status);
      secret = setup.webhook_setup.webhook_secret;

      // Disabled, it sends nothing: what is told now comes before the send.
      await client.ok('PATCH', path, { enabled: false });
      const emailIds: string[] = [];
      for (let index = 0; index < MAILS; index += 1) {
        const { id } = await client.send({ to: `user${index}@example.com` });
        emailIds.push(id);
      }
      const happenings = happeningsOf(emailIds).filter((one) => vendor.toRequest(one) !== null);
      const telling = tellOften(happenings);
      const urlOf = () =>
        new URL(new URL(made.webhook_url).pathname, server?.url ?? 'http://none').href;
      const tell = async (happening: Happening) => {
        const request = vendor.toRequest(happening);
        if (request) await post(urlOf, request);
      };
      const half = telling.length >> 1;
      for (const happening of telling.slice(0, half)) await tell(happening);
      await client.ok('PATCH', path, { enabled: true });
      const later = telling.slice(half);
      const step = Math.ceil(later.length / (KILLS + 1));
      for (let start = 0; start < later.length; start += step) {
        await Promise.all(later.slice(start, start + step).map(tell));
        if (start + step >= later.length) break;
        await delay(Math.random() * 50);
        await server.kill();
        server = await startServerProcess(env);
      }
      const again = new ApiClient(server.url, client.token);
      const kindsOf = (index: number) =>
        happenings.filter(({ emailId }) => emailId === emailIds[index]).map(({ kind }) => kind);
      const mails = await waitFor(
        async () => {
          const all = await Promise.all(emailIds.map((id) => again.email(id)));
          const isWhole = all.every(
            ({ events }, index) =>
              kindsOf(index).every((kind) => events.some(({ event_type: is }) => is === kind)) &&
              events.some(({ event_type: is }) => is === 'sent'),
          );
          return isWhole && all;
        },
        { timeoutMs: 60_000, what: `every event of ${name}` },
      );
      for (const [index, mail] of mails.entries()) expectTold(mail, kindsOf(index));
      const suppressed = await again.ok<{ email: string }[]>('GET', '/suppressions?per_page=100');
      const expected = happenings
        .filter(({ kind }) => kind === 'bounced' || kind === 'complained')
        .map(({ recipient }) => recipient);
      expect(suppressed.map(({ email }) => email).toSorted()).toEqual(expected.toSorted());
    },
    240_000,
  );
});

/** Its certificates come from Amazon's hosts alone, which are answered within this process. */
it('aws_ses: shuffled, repeated, early, a worker lost in between; each counts once', async () => {
  const signer = await createSnsSigner();
  const fixture = await createMailFixture();
  closers.push(() => fixture.close());
  const http = {
    request: () =>
      Promise.resolve({
        ...{ kind: 'answer' as const, status: 200, headers: {} },
        body: signer.certificate,
      }),
    close: () => Promise.resolve(),
  };
  Object.assign(fixture.smtp, { webhooks: createSesWebhooks({ http, api: createAwsApi(http) }) });
  const deps = quietEventsDeps(fixture);
  const accountId = await fixture.createAccount();
  const token = await fixture.addHearingConnection(accountId, TOPIC);
  const emailIds: string[] = [];
  for (let index = 0; index < MAILS; index += 1) {
    emailIds.push((await fixture.send(accountId, { to: `user${index}@example.com` })).id);
  }
  const happenings = happeningsOf(emailIds);
  // SNS repeats a message as it was.
  const requests = new Map<Happening, WebhookRequest>();
  const requestOf = (happening: Happening): WebhookRequest => {
    const known = requests.get(happening);
    if (known) return known;
    const MessageId = `${happening.emailId}-${happening.kind}`;
    const Message = JSON.stringify(sesMessageOf(happening));
    const fields = signSns(signer, snsFields({ MessageId, Message }));
    const request = { headers: {}, body: Buffer.from(JSON.stringify(fields)) };
    requests.set(happening, request);
    return request;
  };
  const tell = async (happening: Happening) => {
    const request = requestOf(happening);
    expect(await receiveWebhook(deps, { provider: 'smtp', token, request })).toEqual({
      kind: 'taken',
    });
  };
  const telling = tellOften(happenings);
  const half = telling.length >> 1;
  for (const happening of telling.slice(0, half)) await tell(happening);
  // Taken by a worker that is never heard of again.
  await fixture.database.pool.query(
    `update webhook_requests set lease = gen_random_uuid(), run_at = now() + interval '1 second'`,
  );
  const processor = new EventProcessor(deps, { pollMs: 20, leaseMs: 5_000, concurrency: 4 });
  closers.push(() => processor.stop());
  processor.start();
  fixture.startDispatcher();
  for (const happening of telling.slice(half)) await tell(happening);
  const kindsOf = (index: number) =>
    happenings.filter(({ emailId }) => emailId === emailIds[index]).map(({ kind }) => kind);
  for (const [index, id] of emailIds.entries()) {
    const mail = await waitFor(
      async () => {
        const found = await fixture.get(accountId, id);
        const types = new Set<string>(found.events.map(({ event_type: type }) => type));
        return kindsOf(index).every((kind) => types.has(kind)) && types.has('sent') && found;
      },
      { timeoutMs: 60_000, what: `every event of mail ${index}` },
    );
    expectTold(mail, kindsOf(index));
  }
});
