// SendGrid's mail send, as far as a benchmark needs it.
import { createServer } from 'node:http';
import { createLedger } from './ledger.ts';

const ledger = createLedger();
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'GET') {
      response.setHeader('content-type', 'application/json');
      response.end('{"scopes":["mail.send"]}');
      return;
    }
    const body = Buffer.concat(chunks).toString('latin1');
    ledger.take(/"cx_email_id":"([^"]+)"/.exec(body)?.[1] ?? '');
    response.writeHead(202, { 'x-message-id': 'bench' }).end();
  });
});
ledger.serve(server);
