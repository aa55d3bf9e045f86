import { afterEach, describe, expect, it } from 'vitest';
import { startScriptedSmtp, type ScriptedSmtp } from '../../../test/fakes/scripted-smtp.ts';
import { waitFor } from '../../../test/support/wait-for.ts';
import { createOutboundGuard } from '../../lib/outbound-guard.ts';
import { connectionWith, plainMessage } from '../testing/messages.ts';
import { createSmtp } from './index.ts';

const never = new AbortController().signal;
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function set(more: { smtp_sessions?: number } = {}) {
  const server = await startScriptedSmtp();
  let lookups = 0;
  const provider = createSmtp({
    guard: createOutboundGuard({
      privateNetworks: 'allow',
      resolve() {
        lookups += 1;
        return Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
      },
    }),
    timeLimits: { connectMs: 2_000, firstByteMs: 2_000, totalMs: 2_000 },
    http: { request: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() },
    keepInSandbox: () => Promise.resolve(),
  });
  open.push(
    () => server.close(),
    () => provider.close(),
  );
  const settings = { smtp_host: 'mail.test', smtp_port: server.port, smtp_tls: 'none' } as const;
  const connection = connectionWith({ ...settings, ...more });
  return { server, provider, connection, lookups: () => lookups };
}

const bye = (server: ScriptedSmtp) =>
  waitFor(() => server.open === 0, { what: 'the connections to be gone' });

describe('the pool', () => {
  it('sends mail after mail over one connection, looked up once', async () => {
    const { server, provider, connection, lookups } = await set();
    for (let i = 0; i < 20; i++) await provider.send(connection, plainMessage(), never);
    expect(server.connections).toBe(1);
    expect(lookups()).toBe(1);
    expect(server.ledger).toHaveLength(20);
  });

  it('opens ten connections at the most, and the rest waits its turn', async () => {
    const { server, provider, connection } = await set();
    const sends = Array.from({ length: 60 }, () =>
      provider.send(connection, plainMessage(), never),
    );
    const outcomes = await Promise.all(sends);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(server.connections).toBe(10);
    expect(server.ledger).toHaveLength(60);
  });

  it.each([3, 20])('opens as many as the connection says: %i', async (sessions) => {
    const { server, provider, connection } = await set({ smtp_sessions: sessions });
    const sends = Array.from({ length: 60 }, () =>
      provider.send(connection, plainMessage(), never),
    );
    const outcomes = await Promise.all(sends);
    expect(outcomes.every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(server.connections).toBe(sessions);
    expect(server.ledger).toHaveLength(60);
  });

  it('ends a connection after a hundred mails', async () => {
    const { server, provider, connection } = await set();
    for (let i = 0; i < 101; i++) await provider.send(connection, plainMessage(), never);
    expect(server.connections).toBe(2);
  });

  it('goes on with a connection after a refused mail', async () => {
    const { server, provider, connection } = await set();
    server.script(({ stage, mail }) =>
      stage === 'rcpt' && mail === 0 ? { reply: '550 5.1.1 nobody' } : undefined,
    );
    expect(await provider.send(connection, plainMessage(), never)).toMatchObject({
      kind: 'rejected',
    });
    await waitFor(() => server.commands.includes('RSET'), { what: 'the reset' });
    expect(await provider.send(connection, plainMessage(), never)).toMatchObject({
      kind: 'accepted',
    });
  });

  it.each(['close', 'reset'] as const)(
    'replaces a kept connection that meets the next mail with a %s',
    async (end) => {
      const { server, provider, connection } = await set();
      server.script(({ stage, connection: index, mail }) =>
        stage === 'mail' && index === 0 && mail === 1 ? { do: end } : undefined,
      );
      for (let i = 0; i < 2; i++) {
        const outcome = await provider.send(connection, plainMessage(), never);
        expect(outcome).toMatchObject({ kind: 'accepted' });
      }
      expect(server.connections).toBe(2);
      expect(server.ledger).toHaveLength(2);
    },
  );

  it('replaces a kept connection that the server closed', async () => {
    const { server, provider, connection } = await set();
    server.script(({ stage, connection: index }) =>
      stage === 'message' && index === 0
        ? { reply: '250 2.0.0 ok', take: true, thenClose: true }
        : undefined,
    );
    await provider.send(connection, plainMessage(), never);
    await bye(server);
    expect(await provider.send(connection, plainMessage(), never)).toMatchObject({
      kind: 'accepted',
    });
    expect(server.ledger).toHaveLength(2);
  });

  it('replaces a kept connection that is turned away with 421', async () => {
    const { server, provider, connection } = await set();
    server.script(({ stage, connection: index, mail }) =>
      stage === 'mail' && index === 0 && mail === 1
        ? { reply: '421 4.4.2 idle for too long', thenClose: true }
        : undefined,
    );
    await provider.send(connection, plainMessage(), never);
    expect(await provider.send(connection, plainMessage(), never)).toMatchObject({
      kind: 'accepted',
    });
  });

  it('tries no mail twice once its body was begun', async () => {
    const { server, provider, connection } = await set();
    server.script(({ stage, mail }) =>
      stage === 'message' && mail === 1 ? { do: 'close', take: true } : undefined,
    );
    await provider.send(connection, plainMessage(), never);
    expect(await provider.send(connection, plainMessage(), never)).toMatchObject({
      kind: 'unknown',
    });
    expect(server.ledger).toHaveLength(2);
  });

  it('logs in anew with new credentials, and drops the old connections', async () => {
    const { server, provider, connection } = await set();
    await provider.send(connection, plainMessage(), never);
    await provider.send({ ...connection, version: 2 }, plainMessage(), never);
    expect(server.connections).toBe(2);
    await waitFor(() => server.open === 1, { what: 'the old connection to be gone' });
  });

  it.each([[undefined], ['connection-1']])('says goodbye when closed (%s)', async (id) => {
    const { server, provider, connection } = await set();
    await provider.send(connection, plainMessage(), never);
    await provider.close(id);
    await bye(server);
    expect(server.commands.at(-1)).toBe('QUIT');
  });

  it('lets a mail that waits for its turn be aborted, and keeps the turns right', async () => {
    const { server, provider, connection } = await set();
    const controller = new AbortController();
    server.script(({ stage }) => {
      if (stage === 'message' && !controller.signal.aborted) controller.abort(new Error('enough'));
      return undefined;
    });
    const busy = Array.from({ length: 10 }, () => provider.send(connection, plainMessage(), never));
    const waiting = provider.send(connection, plainMessage(), controller.signal);
    await expect(waiting).rejects.toThrow('enough');
    await Promise.all(busy);
    const more = Array.from({ length: 30 }, () => provider.send(connection, plainMessage(), never));
    expect((await Promise.all(more)).every(({ kind }) => kind === 'accepted')).toBe(true);
    expect(server.connections).toBe(10);
  });
});
