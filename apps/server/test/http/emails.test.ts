import { Email, EmailDetail } from '@courierx/contract';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { errorOf, faultsOf, type ApiAnswer } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';
import { expectShape } from '../support/expect-shape.ts';

let api: ApiFixture;
let me: SignedUp;

beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());
beforeEach(async () => {
  me = await api.signUp();
});

const MAIL = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'Hello' };

async function send(over: Record<string, unknown> = {}): Promise<Email> {
  const answer = await me.post<Email>('/emails', { ...MAIL, ...over });
  expect(answer.status, answer.text).toBe(202);
  return answer.body;
}

async function detail(id: string): Promise<EmailDetail> {
  return (await me.get<EmailDetail>(`/emails/${id}`)).body;
}

const EVERYTHING = {
  from_email: 'hello@yourapp.example',
  from_name: 'Your App',
  to_email: 'user@example.com',
  to_name: 'Ada',
  cc: ['c1@example.com', { email: 'c2@example.com', name: 'Second' }],
  bcc: 'Hidden <hidden@example.com>',
  reply_to: ['support@yourapp.example', 'Help <help@yourapp.example>'],
  subject: 'Hello ✓',
  html_body: '<p>Hello</p>',
  text_body: 'Hello',
  headers: { 'X-Campaign': 'spring', 'List-Unsubscribe': '<https://a.example/u>' },
  attachments: [
    { filename: 'a.txt', content: 'aGVsbG8=' },
    { filename: 'b', content: 'AAAA', content_type: 'image/png', content_id: 'logo' },
  ],
  tags: ['welcome', 'a"b\\c', '{}', 'NULL'],
  metadata: { user_id: 42, nested: { a: [1, null, 'x'] }, snake_case: { camelCase: 1 } },
};

describe('POST /emails', () => {
  it('takes every documented field, and GET shows them all again', async () => {
    const answer = await me.post<Email>('/emails', EVERYTHING);
    expect(answer.status, answer.text).toBe(202);
    expectShape(Email, answer.body);
    expect(answer.body).toMatchObject({
      ...{ from_email: 'hello@yourapp.example', from_name: 'Your App' },
      ...{ to_email: 'user@example.com', to_name: 'Ada', subject: 'Hello ✓', status: 'queued' },
      ...{ status_reason: null, mode: 'live', sent_at: null },
      ...{ tags: EVERYTHING.tags, metadata: EVERYTHING.metadata },
      recipients: [
        { email: 'user@example.com', name: 'Ada', type: 'to', status: 'queued' },
        { email: 'c1@example.com', name: null, type: 'cc', status: 'queued' },
        { email: 'c2@example.com', name: 'Second', type: 'cc', status: 'queued' },
        { email: 'hidden@example.com', name: 'Hidden', type: 'bcc', status: 'queued' },
      ],
    });
    const shown = await detail(answer.body.id);
    expectShape(EmailDetail, shown);
    expect(shown).toMatchObject({
      ...answer.body,
      message_id: `<${answer.body.id}@yourapp.example>`,
      reply_to: [
        { email: 'support@yourapp.example', name: null },
        { email: 'help@yourapp.example', name: 'Help' },
      ],
      ...{ html_body: '<p>Hello</p>', text_body: 'Hello', headers: EVERYTHING.headers },
      attachments: [
        { filename: 'a.txt', content_type: 'text/plain', content_id: null, size: 5 },
        { filename: 'b', content_type: 'image/png', content_id: 'logo', size: 3 },
      ],
      attempts: [],
    });
    const [listed] = (await me.get<Email[]>('/emails')).body;
    expect(listed).toEqual(answer.body);
  });

  it('takes the short names, addresses with names, and null where a field may be left out', async () => {
    const email = await send({
      from: 'Your App <hello@yourapp.example>',
      to: [{ email: 'a@example.com', name: null }, '"Lovelace, Ada" <b@Example.COM>'],
      html: '<p>x</p>',
      ...{ cc: null, bcc: null, reply_to: null, headers: null, attachments: null },
      ...{ tags: null, metadata: null, from_name: null, to_name: null, text_body: null },
      text: undefined,
    });
    expect(email).toMatchObject({ from_name: 'Your App', to_email: 'a@example.com', tags: [] });
    expect(email.recipients[1]).toMatchObject({ email: 'b@example.com', name: 'Lovelace, Ada' });
    expect(email.metadata).toEqual({});
  });

  it('names everything that is missing, each once', async () => {
    expect(faultsOf(await me.post('/emails', {}))).toEqual([
      'from_email is required',
      'to_email is required',
      'Subject is required',
      'html_body or text_body is required',
    ]);
  });

  it('names faults of form and of meaning together', async () => {
    const faults = faultsOf(
      await me.post('/emails', {
        ...{ from_email: 'nobody', to: [5], to_email: 'x@example.com', subjct: 'x', replyTo: 'x' },
        ...{ subject: 5, html: { a: 1 }, tags: 'x', headers: { From: 'x' }, metadata: [] },
        attachments: [{ filename: '', content: '!', contents: 1 }, 'x'],
      }),
    );
    expect(faults.toSorted()).toEqual(
      [
        'Unknown field: subjct; did you mean subject?',
        'Unknown field: replyTo; did you mean reply_to?',
        'To must be an email address, an object with email and name, or a list of these',
        'Give either to or to_email, not both',
        'from_email is not a valid email address: "nobody"',
        'Subject must be a string',
        'Html must be a string',
        'html_body or text_body is required',
        'Tags must be a list',
        'Metadata must be an object',
        'headers["From"] is reserved; use the field made for it, or another name',
        'attachments[0].filename is required',
        'attachments[0].content is not valid base64',
        'Unknown field: attachments[0].contents; did you mean content?',
        'attachments[1] must be an object',
      ].toSorted(),
    );
  });

  it.each([
    [
      { from: 5, from_email: undefined },
      ['From must be an email address or an object with email and name'],
    ],
    [
      { to: { mail: 'x' } },
      ['To must be an email address, an object with email and name, or a list of these'],
    ],
    [
      { to: undefined, to_email: 5 },
      ['to_email must be an email address, an object with email and name, or a list of these'],
    ],
    [{ to: '' }, ['to_email is required']],
    [{ to: [] }, ['to_email is required']],
    [{ to: ['b@example.com', ''] }, ['to_email[1] is required']],
    [
      { to: 'a@example.com, b@example.com' },
      ['to_email is not a valid email address: "a@example.com, b@example.com"'],
    ],
    [{ cc: 'x' }, ['cc is not a valid email address: "x"']],
    [
      { to: 'b@example.com\r\nBcc: c@example.com' },
      ['to_email is not a valid email address: "b@example.com\\r\\nBcc: c@example.com"'],
    ],
    [{ subject: ' ' }, ['Subject is required']],
    [{ subject: 'a\nb' }, ['Subject must not contain control characters or line breaks']],
    [{ text: '' }, ['html_body or text_body is required']],
    [{ headers: { a: 5 } }, ['headers.a must be a string']],
    [{ tags: ['a', 5] }, ['tags[1] must be a string']],
    [{ metadata: { idempotency_key: 5 } }, ['metadata.idempotency_key must be a string']],
    [
      { to: Array.from({ length: 51 }, (_, n) => `u${n}@example.com`) },
      ['Too many recipients: 51 in to, cc and bcc together (maximum 50)'],
    ],
  ])('refuses %j', async (over, faults) => {
    expect(faultsOf(await me.post('/emails', { ...MAIL, ...over }))).toEqual(faults);
    expect((await me.get<Email[]>('/emails')).body).toEqual([]);
  });

  it('takes 10 MB of attachments, and names what is over the limit', async () => {
    const content = Buffer.alloc(10 * 1024 * 1024, 1).toString('base64');
    const { id } = await send({ attachments: [{ filename: 'a.bin', content }] });
    expect((await detail(id)).attachments).toMatchObject([{ size: 10 * 1024 * 1024 }]);
    const over = [1, 2, 3].map((n) => ({ filename: `${n}.bin`, content }));
    const answer = await me.post('/emails', {
      ...MAIL,
      text: 'x'.repeat(2 ** 20),
      attachments: over,
    });
    expect(faultsOf(answer)[0]).toMatch(/^attachments make the email 41 MB encoded/);
  });

  it('keeps numbers that JSON can hold, whatever their size', async () => {
    const { id } = await send({ metadata: { big: 1e308, small: 5e-324, whole: 2 ** 53 - 1 } });
    expect((await detail(id)).metadata).toEqual({ big: 1e308, small: 5e-324, whole: 2 ** 53 - 1 });
  });

  it('takes a mail to a suppressed address and says so', async () => {
    await me.post('/suppressions', { email: 'gone@example.com' });
    const email = await send({ to: 'gone@example.com' });
    expect(email).toMatchObject({ status: 'suppressed', next_attempt_at: null });
    const both = await send({ to: ['gone@example.com', 'here@example.com'] });
    expect(both.status).toBe('queued');
    expect(both.recipients.map((recipient) => recipient.status)).toEqual(['suppressed', 'queued']);
    const shown = await detail(email.id);
    expect(shown).toMatchObject(email);
    expect(shown.events).toMatchObject([
      { event_type: 'suppressed', recipient: 'gone@example.com' },
    ]);
    expectShape(EmailDetail.allOf[1].properties.events.items, shown.events[0]);
  });
});

describe('GET /emails', () => {
  async function subjects(query: string): Promise<string[]> {
    const answer = await me.get<Email[]>(`/emails?${query}`);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['x-total-count']).toBe(String(answer.body.length));
    return answer.body.map((email) => email.subject);
  }

  it('filters by status, tag and a part of a recipient', async () => {
    await me.post('/suppressions', { email: 'gone@example.com' });
    await send({ subject: '1', to: 'Ada_1@Example.com', tags: ['welcome', 'x'] });
    await send({ subject: '2', to: 'ada%2@example.org', cc: 'Boss@example.net' });
    await send({ subject: '3', to: 'gone@example.com', tags: ['welcome'] });
    await send({ subject: '4', to: 'ada31@example.com', tags: ['Welcome'] });
    expect(await subjects('status=queued')).toEqual(['4', '2', '1']);
    expect(await subjects('status=suppressed')).toEqual(['3']);
    expect(await subjects('status=bounced')).toEqual([]);
    expect(await subjects('tag=welcome')).toEqual(['3', '1']);
    expect(await subjects('tag=welcome&status=queued')).toEqual(['1']);
    expect(await subjects('recipient=ADA')).toEqual(['4', '2', '1']);
    expect(await subjects('recipient=a_1')).toEqual(['1']);
    expect(await subjects('recipient=%25')).toEqual(['2']);
    expect(await subjects('recipient=%5C')).toEqual([]);
    expect(await subjects("recipient='--")).toEqual([]);
    expect(await subjects('recipient=boss@')).toEqual(['2']);
  });

  it('filters by the provider and the connection that an attempt was made with', async () => {
    const other = await api.signUp();
    const [main, backup] = [newId(), newId()];
    const tried = async (email: Email, number: number, [id, provider]: readonly [string, string]) =>
      api.database.pool.query(
        `insert into attempts (account_id, email_id, number, connection_id, connection_name, provider,
                               lease, trace, started_at)
         values ($1, $2, $3, $4, 'x', $5, gen_random_uuid(), '{}', now())`,
        [me.accountId, email.id, number, id, provider],
      );
    const first = await send({ subject: '1' });
    const both = await send({ subject: '2' });
    await send({ subject: '3' });
    await tried(first, 1, [main, 'sendgrid']);
    await tried(both, 1, [main, 'sendgrid']);
    await tried(both, 2, [backup, 'smtp']);
    expect(await subjects('provider=sendgrid')).toEqual(['2', '1']);
    expect(await subjects('provider=smtp')).toEqual(['2']);
    expect(await subjects('provider=mailgun')).toEqual([]);
    expect(await subjects(`provider_connection_id=${main}`)).toEqual(['2', '1']);
    expect(await subjects(`provider_connection_id=${backup}&provider=sendgrid`)).toEqual([]);
    expect((await other.get<Email[]>(`/emails?provider_connection_id=${main}`)).body).toEqual([]);
  });

  it('begins at the newest with a cursor beyond every id, and counts nothing', async () => {
    await send({ subject: '1' });
    await send({ subject: '2' });
    const newest = 'ffffffff-ffff-7fff-bfff-ffffffffffff';
    const { body, headers } = await me.get<Email[]>(`/emails?per_page=1&cursor=${newest}`);
    expect(body.map(({ subject }) => subject)).toEqual(['2']);
    expect(headers['x-total-count']).toBeUndefined();
    expect(headers['link']).toContain(`cursor=${body[0]?.id}`);
  });

  it('filters by the day and by the moment of creation', async () => {
    const { created_at: createdAt } = await send({ subject: 'now' });
    const today = createdAt.slice(0, 10);
    const later = new Date(Date.parse(createdAt) + 1).toISOString();
    expect(await subjects(`from=${today}&to=${today}`)).toEqual(['now']);
    expect(await subjects(`from=${createdAt}`)).toEqual(['now']);
    expect(await subjects(`to=${createdAt}`)).toEqual([]);
    expect(await subjects(`from=${later}`)).toEqual([]);
    expect(await subjects(`to=${later}`)).toEqual(['now']);
    expect(await subjects('to=2020-01-01')).toEqual([]);
    expect(await subjects('from=0000-01-01&to=9999-12-31')).toEqual(['now']);
    expect(await subjects('from=2020-01-01T00:00:00%2B02:00')).toEqual(['now']);
  });

  it.each([
    ['from=275760-01-01', 'from'],
    ['from=-1', 'from'],
    ['from=', 'from'],
    ['to=now', 'to'],
    ['to=2026-13-01', 'to'],
    ['to=2026-02-30', 'to'],
    ['from=2026-02-31T00:00:00Z', 'from'],
    ['from=2026-03-22T10:30:00', 'from'],
    ['from=2026-01-02&to=2026-01-01', 'from must be before to'],
    ['cursor=garbage', 'cursor'],
    ['cursor=', 'cursor'],
    ['status=lost', 'Status must be one of'],
    ['provider=pigeon', 'Provider must be one of'],
    ['provider_connection_id=x', 'provider_connection_id must be the id of a connection'],
    ['page=1000000000', 'Page must be at most 1000000'],
    ['page=0', 'Page must be at least 1'],
    ['per_page=0', 'per_page must be at least 1'],
    ['per_page=1.5', 'per_page must be a whole number'],
    ['per_page=x', 'per_page must be a whole number'],
    ['status=sent&status=queued', 'Status must be'],
    ['recipent=x', 'Unknown field: recipent; did you mean recipient?'],
    [`recipient=${'x'.repeat(321)}`, 'Recipient is too long (maximum 320 characters)'],
    [`tag=${'x'.repeat(50_000)}`, 'Tag is too long'],
  ])('refuses ?%s', async (query, fault) => {
    const faults = faultsOf(await me.get(`/emails?${query}`));
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(fault);
  });

  it('tells pages and totals, and the way to the next page', async () => {
    for (let n = 1; n <= 5; n += 1) await send({ subject: String(n), tags: ['t'] });
    const page = await me.get<Email[]>('/emails?tag=t&page=2&per_page=2');
    expect(page.body.map((email) => email.subject)).toEqual(['3', '2']);
    expect(page.headers).toMatchObject({
      ...{ 'x-total-count': '5', 'x-page': '2', 'x-per-page': '2' },
      link: `</api/v1/emails?tag=t&per_page=2&cursor=${page.body[1]?.id ?? ''}>; rel="next"`,
    });
    const past = await me.get<Email[]>('/emails?page=1000000&per_page=100');
    expect([past.status, past.body, past.headers['link']]).toEqual([200, [], undefined]);
  });

  it('is read to its end by its links without a gap or a double while mail arrives', async () => {
    const made = await Promise.all(Array.from({ length: 23 }, () => send()));
    const seen: string[] = [];
    let path: string | undefined = '/emails?per_page=5';
    while (path !== undefined) {
      const [page]: [ApiAnswer<Email[]>, ...unknown[]] = await Promise.all([
        me.get<Email[]>(path),
        send(),
        send(),
      ]);
      expect(page.status).toBe(200);
      seen.push(...page.body.map((email) => email.id));
      path = /<\/api\/v1(.*)>; rel="next"/.exec(page.headers['link'] ?? '')?.[1];
      if (path !== undefined) expect(path).toMatch(/per_page=5&cursor=/);
    }
    expect(new Set(seen).size).toBe(seen.length);
    const old = new Set(made.map((email) => email.id));
    expect(seen.filter((id) => old.has(id))).toHaveLength(23);
    expect(seen).toEqual(seen.toSorted().reverse());
  });
});

it('GET /emails/:id is a 404 for an email that is not there', async () => {
  const answer = await me.get(`/emails/${crypto.randomUUID()}`);
  expect([answer.status, errorOf(answer)]).toEqual([404, 'Not found']);
  const { id } = await send();
  expect((await me.get<EmailDetail>(`/emails/${id.toUpperCase()}`)).body.id).toBe(id);
});
