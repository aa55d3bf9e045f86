import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isRefused, createSink, slowMs, type Sink, type SinkCore } from './sink.ts';

type Mailbox = { readonly email: string };
type List = 'to' | 'cc' | 'bcc';
type Body = {
  readonly personalizations: readonly Partial<Record<List, readonly Mailbox[]>>[];
  readonly custom_args: { readonly cx_email_id: string };
};

/** Speaks as much of SendGrid's v3 API as sending takes. */
export function startHttpSink(): Promise<Sink> {
  return createSink('sendgrid', (core) => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('error', () => undefined);
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'GET') answer(response, 200, { scopes: ['mail.send'] });
        else send(core, { request, response, body: Buffer.concat(chunks).toString() });
      });
    });
    server.keepAliveTimeout = 60_000;
    return (socket) => void server.emit('connection', socket);
  });
}

type Exchange = { request: IncomingMessage; response: ServerResponse; body: string };

function send(core: SinkCore, { request, response, body }: Exchange): void {
  const mail = JSON.parse(body) as Body;
  const fault = core.draw();
  const errors = findFaults(mail);
  const take = () => {
    core.take(mail.custom_args.cx_email_id, addressesOf(mail));
  };
  const accept = () => {
    if (errors.length > 0) {
      answer(response, 400, { errors });
      return;
    }
    take();
    response.writeHead(202, { 'x-message-id': crypto.randomUUID() }).end();
  };
  switch (fault) {
    case 'none':
    case 'down':
      accept();
      return;
    case 'error':
      answer(response, 503, { errors: [{ message: 'Service Unavailable', field: null }] });
      return;
    case 'limit':
      answer(response, 429, { errors: [{ message: 'too many requests', field: null }] });
      return;
    case 'hang':
      if (errors.length === 0 && Math.random() < 0.5) take();
      return;
    case 'reset_before':
      request.socket.resetAndDestroy();
      return;
    case 'reset_after':
      if (errors.length === 0) take();
      request.socket.resetAndDestroy();
      return;
    case 'slow':
      setTimeout(accept, slowMs());
  }
}

const LISTS: readonly List[] = ['to', 'cc', 'bcc'];

function addressesOf({ personalizations }: Body): string[] {
  return personalizations.flatMap((part) =>
    LISTS.flatMap((list) => (part[list] ?? []).map(({ email }) => email)),
  );
}

function findFaults({ personalizations }: Body) {
  return personalizations.flatMap((part, index) =>
    LISTS.flatMap((list) =>
      (part[list] ?? []).flatMap(({ email }, place) => {
        const field = `personalizations.${index}.${list}.${place}.email`;
        return isRefused(email) ? [{ message: 'Does not contain a valid address.', field }] : [];
      }),
    ),
  );
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
