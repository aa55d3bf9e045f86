import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';

/** What is done with a connection; `index` counts them from 0. */
export type OnConnection = (socket: Socket, index: number) => void;

export type RawServer = {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** All bytes that came in, over all connections, as text. */
  readonly received: string;
  close(): Promise<void>;
};

/** A TCP (or, with `tls`, TLS) server on 127.0.0.1 that does with a socket what it is told. */
export async function startRawServer(
  onConnection: OnConnection,
  tls?: TlsOptions,
): Promise<RawServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let received = '';
  const take = (socket: Socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    onConnection(socket, connections++);
  };
  const server: Server = tls ? createTlsServer(tls, take) : createServer(take);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const port = await listen(server);
  return {
    port,
    get connections() {
      return connections;
    },
    get received() {
      return received;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Listens on a port of the system's choice and returns it. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A port on which nobody listens. */
export async function findClosedPort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** Calls back each time another whole HTTP request (headers and body) has come in. */
export function onHttpRequest(socket: Socket, onRequest: (count: number) => void): void {
  let pending = '';
  let count = 0;
  socket.on('data', (chunk) => {
    pending += chunk.toString('latin1');
    for (let length = wholeLength(pending); length !== null; length = wholeLength(pending)) {
      pending = pending.slice(length);
      count += 1;
      onRequest(count);
    }
  });
}

function wholeLength(text: string): number | null {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const length = Number(/^content-length: (\d+)/im.exec(text.slice(0, end))?.[1] ?? 0);
  return text.length >= end + 4 + length ? end + 4 + length : null;
}

const STALLED = `
  const { createServer } = require('node:net');
  const { parentPort } = require('node:worker_threads');
  const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    // From here on nothing is accepted: the kernel takes as many as the backlog holds.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** A port that answers no SYN: the listening socket's backlog is full and nobody accepts. */
export async function startBlackHole(): Promise<{ port: number; close(): Promise<void> }> {
  const worker = new Worker(STALLED, { eval: true });
  const [port] = (await once(worker, 'message')) as [number];
  const { connect } = await import('node:net');
  const fillers = Array.from({ length: 4 }, () => {
    const socket = connect({ port, host: '127.0.0.1' });
    return socket.on('error', () => undefined);
  });
  await Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect')));
  return {
    port,
    async close() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}
