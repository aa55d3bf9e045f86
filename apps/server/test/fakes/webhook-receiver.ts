import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = {
  readonly path: string;
  readonly id: string;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
  readonly at: number;
};

/** What it does with a request; `nth` counts from 1. */
export type Behaviour = (response: ServerResponse, nth: number) => void;

export const answers =
  (status: number, headers: Record<string, string> = {}): Behaviour =>
  (response) =>
    response.writeHead(status, headers).end(`answer ${status}`);

/** A customer's endpoint on a real socket, with a ledger of all it was sent. */
export async function startReceiver(behaviour: Behaviour = answers(200)) {
  const received: Received[] = [];
  const behave = { current: behaviour };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        path: request.url ?? '',
        id: String(request.headers['webhook-id']),
        body: Buffer.concat(chunks).toString(),
        headers: request.headers,
        at: performance.now(),
      });
      behave.current(response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks`,
    received,
    behave: (next: Behaviour) => {
      behave.current = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
