import type { Socket } from 'node:net';
import { onHttpRequest } from '../../../test/fakes/raw-server.ts';
import type { TransportFault } from './adapter-suite.ts';

/** After the whole request has come in. */
const afterRequest = (react: (socket: Socket) => void) => (socket: Socket) =>
  onHttpRequest(socket, () => react(socket));

/** What can go wrong between any HTTP adapter and its provider, and what each must come to. */
export const HTTP_FAULTS: readonly TransportFault[] = [
  {
    title: 'the connection is reset before the answer',
    serve: afterRequest((socket) => socket.resetAndDestroy()),
    expected: { kind: 'unknown', reason: 'connection_lost' },
  },
  {
    title: 'the connection is closed before the answer',
    serve: afterRequest((socket) => socket.end()),
    expected: { kind: 'unknown', reason: 'connection_lost' },
  },
  {
    title: 'the first byte does not come in time',
    serve: () => undefined,
    expected: { kind: 'unknown', reason: 'response_timeout' },
  },
  {
    title: 'something answers that is not HTTP',
    serve: afterRequest((socket) => socket.end('220 mail.example ESMTP\r\n')),
    expected: { kind: 'unknown', reason: 'unreadable_response' },
  },
  {
    title: 'it is redirected',
    serve: afterRequest((socket) =>
      socket.end('HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/\r\n\r\n'),
    ),
    expected: { kind: 'failed', scope: 'connection', reason: 'misconfigured' },
  },
  {
    title: 'a proxy says that the provider is away',
    serve: afterRequest((socket) =>
      socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\n\r\n<h1>502</h1>'),
    ),
    expected: { kind: 'failed', scope: 'provider', reason: 'server_error' },
  },
  {
    title: 'a gateway waited for the answer of the provider in vain',
    serve: afterRequest((socket) =>
      socket.end('HTTP/1.1 504 Gateway Timeout\r\ncontent-type: text/html\r\n\r\n<h1>504</h1>'),
    ),
    expected: { kind: 'unknown' },
  },
];
