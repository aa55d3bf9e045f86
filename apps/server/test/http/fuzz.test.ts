import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
let token: string;
let connectionId: string;
let endpointId: string;
beforeAll(async () => {
  fixture = await createHttpFixture();
  ({ token } = await fixture.createAccount());
  const body = { provider: 'sendgrid', api_key: 'SG.secret-api-key-0001' };
  const answer = await fixture.call('POST', 'provider_connections', { token, body });
  connectionId = String(answer.body['id']);
  const endpoint = { url: 'https://hooks.example.com' };
  const made = await fixture.call('POST', 'webhook_endpoints', { token, body: endpoint });
  endpointId = String(made.body['id']);
});
afterAll(() => fixture.close());

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    'a@b.co',
    'live',
    'x'.repeat(3000),
    '\r\nBcc: a@b.co',
  ),
  fc.constantFrom('2030-06-30T23:59:60Z', '9999-12-31T23:59:59-23:59', '0000-01-01T00:00:00Z'),
);
const anything = fc.oneof(
  text,
  fc.jsonValue(),
  fc.constantFrom(null, true, -1, 0, 1.5, 1e300, 2 ** 53, [], {}, [[]], [null]),
);

/** Objects of the fields a route knows, with values of every kind, and all other JSON. */
const bodyOf = (fields: readonly string[], valid: Record<string, unknown>) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...fields), anything, { maxKeys: 5 }) },
    {
      weight: 4,
      arbitrary: fc
        .dictionary(fc.constantFrom(...fields), anything, { maxKeys: 2 })
        .map((over) => ({ ...valid, ...over })),
    },
    { weight: 1, arbitrary: fc.jsonValue() },
    { weight: 1, arbitrary: fc.dictionary(text, anything, { maxKeys: 3 }) },
  );

const account = ['name', 'email', 'password', 'password_confirmation', 'on_unknown', '__proto__'];
const connection = [
  ...['provider', 'display_name', 'priority', 'enabled', 'api_key', 'secret', 'region'],
  ...['smtp_host', 'smtp_port', 'smtp_tls', 'endpoint', 'webhook_secret', 'message_stream'],
];
const hook = ['url', 'description', 'events', 'enabled'];
const email = [
  ...['from', 'from_email', 'from_name', 'to', 'to_email', 'cc', 'bcc', 'reply_to', 'subject'],
  ...['html', 'text', 'text_body', 'headers', 'attachments', 'tags', 'metadata'],
];

const rule = ['name', 'position', 'enabled', 'match', 'strategy', 'connections'];

describe('no body breaks', () => {
  test.each<[string, string[], Record<string, unknown>]>([
    ['POST auth/register', account, { name: 'A', email: 'nobody', password: 'long enough' }],
    ['POST auth/login', ['email', 'password'], { email: 'fuzz@example.com' }],
    ['PATCH auth/me', account, { name: 'A' }],
    ['POST routing_rules', rule, { name: 'A' }],
    ['POST routing_rules/explain', email, { from: 'a@example.com', to: 'b@example.com' }],
    ['POST api_keys', ['name', 'expires_at', 'mode', 'role'], { name: 'A' }],
    ['POST suppressions', ['email', 'reason', 'note'], { email: 'fuzz@example.com' }],
    ['POST provider_connections', connection, { provider: 'sendgrid', api_key: 'k' }],
    ['PATCH provider_connections/:id', connection, { api_key: 'k' }],
    ['POST provider_connections/:id/verify', connection, {}],
    ['POST webhook_endpoints', hook, { url: 'https://hooks.example.com' }],
    ['PATCH webhook_endpoints/:hook', hook, { enabled: true }],
    ['POST webhook_endpoints/:hook/test', ['event'], {}],
    ['POST webhook_endpoints/:hook/replay', ['from', 'to', 'missed'], { missed: true }],
    ['POST emails', email, { from: 'a@b.co', to: 'c@d.co', subject: 'S', text: 'T' }],
  ])('%s', async (call, fields, valid) => {
    const [method, path = ''] = call.split(' ');
    await fc.assert(
      fc.asyncProperty(bodyOf(fields, valid), async (body) => {
        const answer = await fixture.app.inject({
          method: method as 'POST',
          url: `/api/v1/${path.replace(':id', connectionId).replace(':hook', endpointId)}`,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          payload: JSON.stringify(body),
        });
        expect(answer.statusCode, answer.body).toBeLessThan(500);
        if (answer.statusCode === 422) {
          const { errors } = answer.json<{ errors: string[] }>();
          expect(errors.length).toBeGreaterThan(0);
          expect(new Set(errors).size).toBe(errors.length);
        }
      }),
      { numRuns: 120 },
    );
  });

  test('nor does a query or a path', async () => {
    const paths = fc.constantFrom('api_keys', 'suppressions', 'provider_connections', 'emails');
    const names = fc.oneof(
      fc.constantFrom(
        'page',
        'per_page',
        'email',
        'reason',
        'status',
        'from',
        'to',
        'cursor',
        'tag',
      ),
      fc.string({ maxLength: 10 }),
    );
    const pairs = fc.array(
      fc.tuple(
        names,
        text.map((value) => value.toWellFormed()),
      ),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(paths, pairs, fc.string({ unit: 'binary' }), async (path, query, id) => {
        const search = new URLSearchParams(query).toString();
        const list = await fixture.call('GET', `${path}?${search}`, { token });
        expect(list.status, list.text).toBeLessThan(500);
        const one = await fixture.call('GET', `${path}/${encodeURIComponent(id.toWellFormed())}`, {
          token,
        });
        expect(one.status, one.text).toBeLessThan(500);
      }),
      { numRuns: 120 },
    );
  });
});
