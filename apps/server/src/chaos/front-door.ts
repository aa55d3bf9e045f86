import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A port that can be closed and opened again while a server stands behind it. */
export type FrontDoor = {
  readonly port: number;
  /** The same port again. */
  open(): Promise<void>;
  /** Refuses connections and cuts the open ones. */
  shut(): Promise<void>;
};

/** `host` is always the loopback address. */
export async function createFrontDoor(onSocket: (socket: Socket) => void): Promise<FrontDoor> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // Clients that are killed in the middle are what this is for.
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async open() {
      if (!server.listening) await listen(port);
    },
    async shut() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
      await closed;
    },
  };
}
