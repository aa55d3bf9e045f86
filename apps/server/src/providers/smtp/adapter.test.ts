import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { listen } from '../../../test/fakes/raw-server.ts';
import {
  describeAdapter,
  type AdapterFake,
  type ReceivedMail,
  type TransportFault,
} from '../testing/adapter-suite.ts';
import { connectionWith } from '../testing/messages.ts';
import { inAscii, toReceivedMail } from '../testing/received-mime.ts';
import { createSmtp } from './index.ts';

const connectTo = (port: number) =>
  connectionWith({ smtp_host: '127.0.0.1', smtp_port: port, smtp_tls: 'none' });

const SMTP_FAULTS: readonly TransportFault[] = [
  {
    title: 'the connection is closed before the greeting',
    serve: (socket) => socket.end(),
    expected: { kind: 'failed', scope: 'provider', reason: 'connection_lost' },
  },
  {
    title: 'the connection is reset before the greeting',
    serve: (socket) => socket.resetAndDestroy(),
    expected: { kind: 'failed', scope: 'provider', reason: 'connection_lost' },
  },
  {
    title: 'the greeting does not come in time',
    serve: () => undefined,
    expected: { kind: 'failed', scope: 'provider', reason: 'connect_timeout' },
  },
  {
    title: 'something answers that is not a mail server',
    serve: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    expected: { kind: 'failed', scope: 'connection', reason: 'misconfigured' },
  },
];

describeAdapter('SMTP', {
  create: createSmtp,
  connectionTo: connectTo,
  faults: SMTP_FAULTS,
  startFake: startMailServer,
});

/** A mail server by the book, with what it took parsed back. */
async function startMailServer(): Promise<AdapterFake> {
  const taken: Promise<ReceivedMail>[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _, done) =>
      username === 'user' && password === 'pass'
        ? done(null, { user: 'user' })
        : done(new Error('no')),
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map(({ address }) => inAscii(address));
      taken.push(
        simpleParser(stream, { keepCidLinks: true }).then((mail) =>
          toReceivedMail(mail, recipients),
        ),
      );
      stream.on('end', () => done());
    },
  });
  server.on('error', () => undefined);
  const port = await listen(server.server);
  return {
    connection: { ...connectTo(port), secrets: { api_key: 'user', secret: 'pass' } },
    received: () => Promise.all(taken),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
