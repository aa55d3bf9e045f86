import type { FastifyInstance } from 'fastify';
import type { Socket } from 'node:net';

/**
 * Browsers open connections ahead of their requests. Node counts those that have asked for nothing yet
 * as busy, and a stop would wait for them. Returns a function that closes them.
 */
export function trackSilentConnections(app: FastifyInstance): () => void {
  const silent = new Set<Socket>();
  app.server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  app.server.on('request', ({ socket }) => silent.delete(socket));
  return () => {
    for (const socket of silent) socket.destroy();
  };
}
