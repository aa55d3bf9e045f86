import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startTestServer } from '../support/running-server.ts';

/** Half of what requests under way are given at a stop. */
const SOON_MS = 10_000;

it('does not wait for connections that ask for nothing', async () => {
  const server = await startTestServer();
  const { port, hostname } = new URL(server.url);
  const open = async (text: string) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    socket.write(text);
    return socket;
  };
  // As a browser opens them ahead, begins them, and keeps them for the next request.
  const sockets = await Promise.all([
    open(''),
    open('GET /health HTT'),
    open('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n'),
  ]);
  await once(sockets[2], 'data');

  const closed = server.close().then(() => 'closed');

  expect(await Promise.race([closed, delay(SOON_MS, 'still waiting', { ref: false })])).toBe(
    'closed',
  );
  for (const socket of sockets) socket.destroy();
});
