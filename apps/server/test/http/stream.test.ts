import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { ConnectionChange, CreatedApiKey, Email, EmailChange } from '@courierx/contract';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  createApiFixture,
  PASSWORD,
  type ApiFixture,
  type SignedUp,
} from '../support/api-fixture.ts';
import { waitFor } from '../support/wait-for.ts';

let api: ApiFixture;
let url: string;
beforeAll(async () => {
  api = await createApiFixture();
  url = await api.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => api.close());

const streams: { close(): void }[] = [];
afterEach(() => streams.splice(0).forEach((stream) => stream.close()));

type Message = { readonly id?: string; readonly event: string; readonly data: string };

/** Opens the stream on a real socket and reads on until it is closed or ends. */
async function openStream(headers: Record<string, string>, at = url) {
  // A connection of its own, so that none is left over for a later request.
  const request = get(`${at}/api/v1/stream`, { headers, agent: false });
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  let isOver = false;
  message.on('data', (part: Buffer) => (text += part.toString()));
  const reading = new Promise<void>((resolve) => {
    message.once('close', () => {
      isOver = true;
      resolve();
    });
  });
  message.on('error', () => undefined);
  const response = { status: message.statusCode, headers: message.headers };
  const messages = () => text.split('\n\n').slice(0, -1).flatMap(parse);
  const stream = {
    response,
    text: () => text,
    isOver: () => isOver,
    messages,
    changesOf: <T>(event: string) =>
      messages()
        .filter((message) => message.event === event)
        .map(({ data }) => JSON.parse(data) as T),
    close: () => request.destroy(),
    reading,
  };
  streams.push(stream);
  return stream;
}

function parse(block: string): Message[] {
  const fields: Record<string, string | undefined> = {};
  for (const line of block.split('\n')) {
    const end = line.indexOf(':');
    fields[line.slice(0, end)] = line.slice(end + 2);
  }
  const { id, event, data } = fields;
  if (event === undefined || data === undefined) return [];
  return [{ event, data, ...(id !== undefined && { id }) }];
}

const bearer = ({ token }: SignedUp) => ({ authorization: `Bearer ${token}` });
const send = async (owner: SignedUp) => {
  const mail = { from: 'a@example.com', to: 'b@example.com', subject: 'Hi', text: 'x' };
  return (await owner.post<Email>('/emails', mail)).body;
};
const settle = (id: string, status: string) =>
  api.database.pool.query(
    `update email_states set status = $2, updated_at = now() where email_id = $1`,
    [id, status],
  );

describe('GET /api/v1/stream', () => {
  it('tells of emails as they come and change, and of no other account', async () => {
    const [owner, stranger] = [await api.signUp(), await api.signUp()];
    const [mine, theirs] = [await openStream(bearer(owner)), await openStream(bearer(stranger))];
    expect(mine.response.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(mine.response.headers['cache-control']).toContain('no-cache');

    const { id } = await send(owner);
    const { id: other } = await send(stranger);
    const emails = () => mine.changesOf<EmailChange>('email');
    await waitFor(() => emails().some((email) => email.status === 'queued'), { what: 'queued' });
    await settle(id, 'delivered');
    await waitFor(() => emails().some(({ status }) => status === 'delivered'), {
      what: 'delivered',
    });
    await waitFor(() => theirs.changesOf('email').length > 0, { what: "the stranger's own" });

    expect(emails().map((email) => [email.id, email.status])).toEqual([
      [id, 'queued'],
      [id, 'delivered'],
    ]);
    expect(theirs.changesOf<EmailChange>('email').map((email) => email.id)).toEqual([other]);
    expect(mine.text()).toMatch(/^retry: \d+\n\n/);
  });

  it('tells of connections that come and do worse', async () => {
    const owner = await api.signUp();
    const stream = await openStream(bearer(owner));
    // Looked at once before, so that there is something to differ from.
    await send(owner);
    await waitFor(() => stream.changesOf('email').length > 0, { what: 'the first look' });
    const { body } = await owner.post<{ id: string }>('/provider_connections', {
      provider: 'sandbox',
      display_name: 'Sandbox',
    });
    const connections = () => stream.changesOf<ConnectionChange>('connection');
    await waitFor(() => connections().length > 0, { what: 'the connection' });
    await api.database.pool.query(
      `update connections set paused_until = now() + interval '1 hour', pause_reason = 'busy'
       where id = $1`,
      [body.id],
    );
    await waitFor(() => connections().some(({ health }) => health.state === 'throttled'), {
      what: 'the pause',
    });
    expect(connections().at(0)).toMatchObject({ id: body.id, enabled: true, status: 'verified' });
    expect(stream.text()).not.toContain('webhook');
  });

  it('goes on from the last event', async () => {
    const owner = await api.signUp();
    const first = await openStream(bearer(owner));
    const { id } = await send(owner);
    await waitFor(() => first.messages().length > 0, { what: 'the email' });
    const last = first.messages().at(-1)?.id ?? '';
    first.close();
    // Longer ago than what any stream begins with.
    await api.database.pool.query(
      `update email_states set updated_at = now() - interval '30 minutes', status = 'bounced'
       where email_id = $1`,
      [id],
    );
    const since = new Date(Date.parse(last) - 31 * 60_000).toISOString();
    const second = await openStream({ ...bearer(owner), 'last-event-id': since });
    await waitFor(() => second.changesOf<EmailChange>('email').some((email) => email.id === id), {
      what: 'what was missed',
    });
    expect(second.changesOf<EmailChange>('email').at(0)?.status).toBe('bounced');
  });

  it('takes a session cookie, and no last event that is none', async () => {
    const { email } = await api.signUp();
    const { headers } = await api.anyone.post(
      '/auth/session',
      { email, password: PASSWORD },
      { headers: { 'x-courierx-csrf': '1' } },
    );
    const cookie = String([headers['set-cookie']].flat()[0]).split(';')[0] ?? '';
    const stream = await openStream({ cookie, 'last-event-id': "'; drop table" });
    expect(stream.response.status).toBe(200);
  });

  it('is for who may read', async () => {
    const owner = await api.signUp();
    const { body: key } = await owner.post<CreatedApiKey>('/api_keys', {
      name: 'Sender',
      role: 'send',
    });
    const sender = await openStream({ authorization: `Bearer ${key.raw_key}` });
    expect(sender.response.status).toBe(403);
    expect((await openStream({})).response.status).toBe(401);
  });

  it('is open twenty times an account at most, and free again when one is closed', async () => {
    const owner = await api.signUp();
    const open = await Promise.all(Array.from({ length: 20 }, () => openStream(bearer(owner))));
    const refused = await openStream(bearer(owner));
    expect(refused.response.status).toBe(429);
    expect(Number(refused.response.headers['retry-after'])).toBeGreaterThan(0);
    const other = await openStream(bearer(await api.signUp()));
    expect(other.response.status).toBe(200);
    open[0]?.close();
    await waitFor(async () => (await openStream(bearer(owner))).response.status === 200, {
      what: 'a free place',
    });
  });

  it('stays open with a heartbeat, and ends when the session does', async () => {
    const owner = await api.signUp();
    const stream = await openStream(bearer(owner));
    await waitFor(() => stream.text().includes('\n: still here\n'), {
      what: 'a heartbeat',
      timeoutMs: 40_000,
    });
    const password = 'another horse battery';
    await owner.patch('/auth/me', {
      ...{ current_password: PASSWORD, password, password_confirmation: password },
    });
    await waitFor(stream.isOver, { what: 'the end', timeoutMs: 40_000 });
  }, 90_000);

  it('ends at once when the server stops', async () => {
    const stopping = await createApiFixture();
    const at = await stopping.app.listen({ port: 0, host: '127.0.0.1' });
    const stream = await openStream(bearer(await stopping.signUp()), at);
    await waitFor(() => stream.text() !== '', { what: 'the stream' });
    await stopping.close();
    await stream.reading;
    expect(stream.isOver()).toBe(true);
  });
});
