import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a fake provider does with a mail: an HTTP status, or no answer at all. */
export type Answer = number | 'silence';

export type FakeSendGrid = {
  readonly endpoint: string;
  /** When each mail was taken, by our id. */
  readonly taken: ReadonlyMap<string, number>;
  /** Mails that came again after they were taken. */
  readonly copies: number;
  close(): Promise<void>;
};

/** SendGrid's mail send in this process, with an answer to each mail by `judge`. */
export async function startFakeSendGrid(judge: () => Answer): Promise<FakeSendGrid> {
  const taken = new Map<string, number>();
  let copies = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      response.setHeader('content-type', 'application/json');
      if (request.method === 'GET') {
        response.end('{"scopes":["mail.send"]}');
        return;
      }
      const answer = judge();
      if (answer === 'silence') return;
      if (answer === 202) {
        const body = Buffer.concat(chunks).toString('latin1');
        const id = /"cx_email_id":"([^"]+)"/.exec(body)?.[1] ?? '';
        if (taken.has(id)) copies += 1;
        else taken.set(id, performance.now());
        response.setHeader('x-message-id', 'bench');
      }
      response.writeHead(answer).end(answer === 202 ? '' : '{"errors":[{"message":"no"}]}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    taken,
    get copies() {
      return copies;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
