import { type Email, type Queue, type SandboxMessage } from '@courierx/contract';
import { simpleParser } from 'mailparser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { keepSandboxMessage } from '../../src/services/sandbox/keep.ts';
import { errorOf, faultsOf } from '../support/api-caller.ts';
import { createApiFixture, type ApiFixture, type SignedUp } from '../support/api-fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const MAIL = {
  from: 'Ada <ada@example.com>',
  to: ['b@example.com', 'Grace <g@example.com>'],
  bcc: 'hidden@example.com',
  subject: 'Grüße',
  html: '<p>Hello</p>',
  text: 'Hello',
};
const send = async (owner: SignedUp, over: Record<string, unknown> = {}) => {
  const answer = await owner.post<Email>('/emails', { ...MAIL, ...over });
  expect(answer.status, answer.text).toBe(202);
  return answer.body.id;
};
const asKey = async (owner: SignedUp, role: string) => {
  const { body } = await owner.post<{ raw_key: string }>('/api_keys', { name: role, role });
  return api.caller(body.raw_key);
};

describe('GET /queue', () => {
  const move = (id: string, change: string) =>
    api.database.pool.query(`update queue set ${change} where email_id = $1`, [id]);

  it('is empty for a new account', async () => {
    const owner = await api.signUp();
    const { body } = await owner.get<Queue>('/queue');
    expect(body).toEqual({
      ...{ queued: 0, due: 0, in_flight: 0, held: 0 },
      oldest_due_seconds: null,
    });
  });

  it("counts what is due, in hand, held and waiting, of one's own account", async () => {
    const [owner, stranger] = [await api.signUp(), await api.signUp()];
    await owner.patch('/auth/me', { on_unknown: 'hold' });
    await send(stranger);
    const [due, , inHand, held, waiting] = [
      await send(owner),
      await send(owner),
      await send(owner),
      await send(owner),
      await send(owner),
    ];
    await move(due, `run_at = now() - interval '90 seconds'`);
    await move(inHand, `lease = gen_random_uuid(), run_at = now() + interval '1 minute'`);
    await move(waiting, `run_at = now() + interval '5 minutes'`);
    await move(held, `run_at = now() + interval '1 hour'`);
    await api.database.pool.query(
      `insert into attempts (account_id, email_id, number, connection_id, connection_name, provider,
                             lease, trace, outcome, started_at)
       values ($1, $2, 1, $3, 'x', 'smtp', $3, '{}', 'unknown', now())`,
      [owner.accountId, held, newId()],
    );

    const { body } = await owner.get<Queue>('/queue');

    expect(body).toMatchObject({ queued: 5, due: 2, in_flight: 1, held: 1 });
    expect(body.oldest_due_seconds).toBeGreaterThanOrEqual(90);
    await owner.patch('/auth/me', { on_unknown: 'fail_over' });
    expect((await owner.get<Queue>('/queue')).body.held).toBe(0);
  });

  it('is for who may read', async () => {
    const owner = await api.signUp();
    expect((await (await asKey(owner, 'read')).get('/queue')).status).toBe(200);
    expect((await (await asKey(owner, 'send')).get('/queue')).status).toBe(403);
    expect((await api.anyone.get('/queue')).status).toBe(401);
  });
});

describe('GET /emails/:id/raw', () => {
  it('is the mail as SMTP sends it, without the hidden recipients', async () => {
    const owner = await api.signUp();
    const file = Buffer.from('a file').toString('base64');
    const id = await send(owner, {
      headers: { 'X-Campaign': 'spring' },
      attachments: [{ filename: 'a.txt', content: file }],
    });

    const answer = await owner.get(`/emails/${id}/raw`);

    expect(answer.headers).toMatchObject({
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${id}.eml"`,
    });
    const mail = await simpleParser(answer.text);
    expect(mail).toMatchObject({ subject: 'Grüße', text: 'Hello', html: '<p>Hello</p>' });
    expect(mail.from?.text).toBe('"Ada" <ada@example.com>');
    expect(mail.headers.get('x-campaign')).toBe('spring');
    expect(mail.headers.get('x-courierx-email-id')).toBe(id);
    expect(mail.attachments.map(({ content }) => content.toString())).toEqual(['a file']);
    expect(answer.text).not.toContain('hidden@example.com');
    const { body } = await owner.get<{ message_id: string }>(`/emails/${id}`);
    expect(mail.messageId).toBe(body.message_id);
  });

  it('is gone with its content, which the answer says', async () => {
    const owner = await api.signUp();
    const id = await send(owner);
    await api.database.pool.query('delete from email_contents where email_id = $1', [id]);
    const answer = await owner.get(`/emails/${id}/raw`);
    expect([answer.status, errorOf(answer)]).toEqual([404, expect.stringMatching(/no longer/)]);
  });

  it('is for who may read', async () => {
    const owner = await api.signUp();
    const id = await send(owner);
    expect((await (await asKey(owner, 'send')).get(`/emails/${id}/raw`)).status).toBe(403);
    expect((await owner.get('/emails/no-id/raw')).status).toBe(404);
  });
});

describe('GET /emails/:id/preview', () => {
  it('is the HTML as a page that runs nothing and loads nothing from elsewhere unless asked', async () => {
    const owner = await api.signUp();
    const html = '<p onclick="steal()">Hi</p><script>steal()</script>';
    const id = await send(owner, { html });

    const { headers, text } = await owner.get(`/emails/${id}/preview`);

    expect(text).toBe(html);
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['x-frame-options']).toBe('SAMEORIGIN');
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/^sandbox allow-popups[^;]*;default-src 'none';/);
    expect(policy).not.toMatch(/allow-scripts|allow-same-origin|script-src|https?:/);
    const asked = await owner.get(`/emails/${id}/preview?remote=true`);
    expect(asked.headers['content-security-policy']).toContain('img-src data: https: http:');
    expect(asked.headers['content-security-policy']).not.toMatch(/allow-scripts|script-src/);
    expect(faultsOf(await owner.get(`/emails/${id}/preview?remote=maybe`))).toHaveLength(1);
  });

  it('shows the pictures that the mail carries', async () => {
    const owner = await api.signUp();
    const attachments = [
      { filename: 'a.png', content: 'AAAA', content_type: 'image/png', content_id: 'logo' },
      { filename: 'a.html', content: 'AAAA', content_type: 'text/html', content_id: 'page' },
    ];
    const html = '<img src="cid:logo"><img src="cid:page"><img src="cid:gone">';
    const id = await send(owner, { html, attachments });
    expect((await owner.get(`/emails/${id}/preview`)).text).toBe(
      '<img src="data:image/png;base64,AAAA"><img src="cid:page"><img src="cid:gone">',
    );
  });

  it('is not there without HTML, and only for who may read', async () => {
    const owner = await api.signUp();
    const id = await send(owner, { html: null });
    expect((await owner.get(`/emails/${id}/preview`)).status).toBe(404);
    expect((await (await asKey(owner, 'send')).get(`/emails/${id}/preview`)).status).toBe(403);
    expect((await api.anyone.get(`/emails/${id}/preview`)).status).toBe(401);
  });
});

describe('the inbox of the sandbox', () => {
  const address = (text: string, name: string | null = null) => ({ address: text, name });

  async function catchMail(owner: SignedUp, over: { emailId?: string; attemptNumber?: number }) {
    const emailId = over.emailId ?? newId();
    const connection = { ...{ id: newId(), accountId: owner.accountId, version: 1 } };
    await keepSandboxMessage(
      api.database,
      { ...connection, settings: {}, secrets: {} },
      {
        ...{ emailId, attemptNumber: 1, messageId: `<${emailId}@example.com>`, date: new Date() },
        ...{ from: address('ada@example.com', 'Ada'), to: [address('b@example.com')], cc: [] },
        ...{ replyTo: [], bcc: [address('hidden@example.com')] },
        recipients: ['b@example.com', 'hidden@example.com'],
        ...{ subject: 'Caught', html: '<p>Hi</p>', text: null, tags: ['t'], metadata: { a: 1 } },
        headers: [{ name: 'X-Campaign', value: 'spring' }],
        attachments: [
          {
            ...{ filename: 'a.png', contentType: 'image/png', contentId: 'logo' },
            content: Buffer.alloc(7),
          },
        ],
        ...over,
      },
    );
    return emailId;
  }

  it('lists what was caught, newest first, a page at a time, and nobody else sees it', async () => {
    const [owner, stranger] = [await api.signUp(), await api.signUp()];
    const ids: string[] = [];
    for (let mail = 0; mail < 3; mail += 1) ids.unshift(await catchMail(owner, {}));

    const first = await owner.get<SandboxMessage[]>('/sandbox/messages?per_page=2');
    const next = /^<\/api\/v1(.+)>; rel="next"$/.exec(first.headers['link'] ?? '')?.[1] ?? '';
    const second = await owner.get<SandboxMessage[]>(next);

    expect([...first.body, ...second.body].map(({ id }) => id)).toEqual(ids);
    expect(second.headers).not.toHaveProperty('link');
    expect(first.body[0]).toMatchObject({
      from: { email: 'ada@example.com', name: 'Ada' },
      to: [{ email: 'b@example.com', name: null }],
      subject: 'Caught',
    });
    expect((await stranger.get('/sandbox/messages')).body).toEqual([]);
    expect((await stranger.get(`/sandbox/messages/${ids[0]}`)).status).toBe(404);
    expect(faultsOf(await owner.get('/sandbox/messages?cursor=x'))).toHaveLength(1);
  });

  it('shows a mail whole; of two copies the last', async () => {
    const owner = await api.signUp();
    const id = await catchMail(owner, {});
    await catchMail(owner, { emailId: id, attemptNumber: 2 });

    expect((await owner.get<SandboxMessage[]>('/sandbox/messages')).body).toHaveLength(1);
    const { body } = await owner.get(`/sandbox/messages/${id}`);
    expect(body).toMatchObject({
      ...{ id, attempt_number: 2, html_body: '<p>Hi</p>', text_body: null },
      bcc: [{ email: 'hidden@example.com', name: null }],
      recipients: ['b@example.com', 'hidden@example.com'],
      headers: { 'X-Campaign': 'spring' },
      attachments: [{ filename: 'a.png', content_type: 'image/png', content_id: 'logo', size: 7 }],
      ...{ tags: ['t'], metadata: { a: 1 }, message_id: `<${id}@example.com>` },
    });
  });

  it('is for who may read', async () => {
    const owner = await api.signUp();
    const sender = await asKey(owner, 'send');
    expect((await sender.get('/sandbox/messages')).status).toBe(403);
    expect((await sender.get(`/sandbox/messages/${newId()}`)).status).toBe(403);
  });
});
