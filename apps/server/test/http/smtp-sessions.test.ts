import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpFixture, type HttpFixture } from '../support/http-fixture.ts';

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await createHttpFixture();
});
afterAll(() => fixture.close());

const PATH = 'provider_connections';
const SERVER = { provider: 'smtp', smtp_host: 'mail.yourapp.com', smtp_port: 587 };

async function connect(body: object) {
  const { token } = await fixture.createAccount();
  return { token, ...(await fixture.call('POST', PATH, { token, body })) };
}

test('bounds the sessions of an SMTP connection, and is taken away with null', async () => {
  const { token, body: connection } = await connect({ ...SERVER, smtp_sessions: 3 });
  expect(connection['smtp_sessions']).toBe(3);
  const path = `${PATH}/${String(connection['id'])}`;
  const answer = await fixture.call('PATCH', path, { token, body: { smtp_sessions: null } });
  expect([answer.status, answer.body['smtp_sessions']]).toEqual([200, null]);
});

test.each([0, 101, 2.5, '3'])('%j is refused', async (sessions) => {
  const { status, body } = await connect({ ...SERVER, smtp_sessions: sessions });
  expect(status).toBe(422);
  expect(body['errors']).toEqual([expect.stringContaining('smtp_sessions')]);
});

test('is refused for a provider without sessions', async () => {
  const given = { provider: 'sendgrid', api_key: 'SG.secret-api-key-0001', smtp_sessions: 3 };
  const { status, body } = await connect(given);
  expect([status, body['errors']]).toEqual([
    422,
    ['smtp_sessions is not used by sendgrid; leave it out'],
  ]);
});
