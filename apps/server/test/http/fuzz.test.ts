import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
let me: SignedUp;
let connectionId: string;

beforeAll(async () => {
  api = await createApiFixture();
  me = await api.signUp();
  const made = await me.post<{ id: string }>('/provider_connections', { provider: 'sandbox' });
  connectionId = made.body.id;
});
afterAll(() => api.close());

const BODY_ROUTES = [
  ['POST', '/auth/register'],
  ['POST', '/auth/login'],
  ['PATCH', '/auth/me'],
  ['POST', '/emails'],
  ['POST', '/api_keys'],
  ['POST', '/suppressions'],
  ['POST', '/provider_connections'],
  ['PATCH', '/provider_connections/:id'],
  ['POST', '/provider_connections/:id/verify'],
  ['PATCH', '/api_keys/:id/revoke'],
] as const;

const LISTS = ['/emails', '/api_keys', '/provider_connections', '/suppressions'];

/** Text with what breaks databases, headers and parsers more often than chance would have it. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom(
    '',
    '\u0000',
    '\ud800',
    '\udfff',
    '\u2028',
    '%',
    '\\',
    "'",
    '"',
    '{}',
    'a@b.example',
  ),
  fc.constantFrom('a'.repeat(5_000), '-1', '1e999', 'null', '2026-02-30', '9'.repeat(40), '𝒳'),
);

const FIELDS = [
  ...['name', 'email', 'password', 'password_confirmation', 'from', 'from_email', 'to', 'to_email'],
  ...[
    'to_name',
    'from_name',
    'cc',
    'bcc',
    'reply_to',
    'subject',
    'html',
    'text',
    'html_body',
    'tags',
  ],
  ...[
    'headers',
    'attachments',
    'metadata',
    'mode',
    'role',
    'expires_at',
    'reason',
    'note',
    'enabled',
  ],
  ...[
    'provider',
    'priority',
    'display_name',
    'api_key',
    'secret',
    'region',
    'endpoint',
    'filename',
  ],
  ...['smtp_port', 'webhook_secret', 'on_unknown', 'content', 'content_id', 'idempotency_key'],
  ...['constructor', 'toString', 'hasOwnProperty', 'length', '__proto__', 'then', 'toJSON'],
];

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.oneof(text, fc.double(), fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...FIELDS), text), tie('value'), { maxKeys: 5 }),
  ),
}));

/** Bodies whose fields have the right names, and often values that are nearly right. */
const almost = fc.dictionary(
  fc.constantFrom(...FIELDS),
  fc.oneof(
    value,
    text,
    fc.constantFrom<unknown>(
      'a@example.com',
      'sandbox',
      'live',
      'full',
      'bounce',
      'resend',
      true,
      5,
    ),
    fc.constantFrom<unknown>({ email: 'a@example.com' }, ['a@example.com'], { a: 'b' }, []),
    fc.constantFrom<unknown>([{ filename: 'a', content: 'AAAA' }], '2099-01-01T00:00:00Z'),
  ),
  { maxKeys: 10 },
);

function pathOf(path: string): string {
  return path.replace(':id', connectionId);
}

describe('whatever is sent', () => {
  it.each(BODY_ROUTES)('as JSON, is no error of ours: %s %s', async (method, path) => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(almost, value), async (body) => {
        const answer = await me.call(method, pathOf(path), { payload: JSON.stringify(body) });
        expect(answer.status, answer.text).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });

  it('as an email that is nearly right, is taken or refused', async () => {
    const mail = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hello' };
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...FIELDS), fc.oneof(value, text), async (field, given) => {
        const answer = await me.post('/emails', { ...mail, [field]: given });
        expect([202, 400, 422], answer.text).toContain(answer.status);
      }),
      { numRuns: 400 },
    );
  });

  it.each(BODY_ROUTES)('as any bytes, is no error of ours: %s %s', async (method, path) => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 }).map((each) => Buffer.from(each));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), bytes),
        async (payload) => {
          const answer = await me.call(method, pathOf(path), { payload });
          expect(answer.status, answer.text).toBeLessThan(500);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('as a query, is no error of ours', async () => {
    const names = [
      'page',
      'per_page',
      'status',
      'recipient',
      'from',
      'to',
      'tag',
      'cursor',
      'email',
    ];
    const pair = fc
      .tuple(
        fc.oneof(fc.constantFrom(...names), fc.string()),
        fc.oneof(text, fc.integer().map(String)),
      )
      .map(([name, given]) => `${name}=${encodeURIComponent(given.toWellFormed())}`);
    const query = fc.oneof(
      fc.array(pair, { maxLength: 4 }).map((pairs) => pairs.join('&')),
      fc.webQueryParameters(),
      fc.string().map((each) => each.replaceAll('#', '')),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...LISTS), query, async (path, given) => {
        const answer = await me.get(`${path}?${given}`);
        expect([200, 422], `${given}: ${answer.text}`).toContain(answer.status);
      }),
      { numRuns: 400 },
    );
  });

  it('as an id, leads nowhere', async () => {
    const id = fc.oneof(
      text.map((each) => encodeURIComponent(each.toWellFormed())),
      fc.uuid(),
      fc.string({ minLength: 1 }).map((each) => each.replace(/[/?#]/g, 'x')),
    );
    const paths = [
      ['GET', '/emails/'],
      ['GET', '/provider_connections/'],
      ['DELETE', '/provider_connections/'],
      ['POST', '/provider_connections/:id/verify'],
      ['PATCH', '/api_keys/:id/revoke'],
      ['DELETE', '/suppressions/'],
    ] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), id, async ([method, path], given) => {
        fc.pre(given !== '' && given !== '.' && given !== '..');
        const whole = path.includes(':id') ? path.replace(':id', () => given) : path + given;
        expect((await me.call(method, whole)).status, given).toBe(404);
      }),
      { numRuns: 300 },
    );
  });

  it('as a header, is no error of ours', async () => {
    // What Node lets through: Latin-1 without control characters.
    const header = fc.string({
      unit: fc
        .integer({ min: 0x20, max: 0xff })
        .filter((code) => code !== 0x7f)
        .map((code) => String.fromCharCode(code)),
      maxLength: 300,
    });
    const mail = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hello' };
    await fc.assert(
      fc.asyncProperty(header, header, async (key, host) => {
        const answer = await me.post('/emails', mail, { headers: { 'idempotency-key': key } });
        expect([202, 422], answer.text).toContain(answer.status);
        const headers = { host, 'x-request-id': key, 'x-forwarded-host': host };
        expect((await me.get('/provider_connections', { headers })).status).toBe(200);
      }),
      { numRuns: 100 },
    );
  });
});
