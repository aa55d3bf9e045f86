import { simpleParser, type AddressObject, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { listen } from '../../../test/fakes/raw-server.ts';
import { parseAddress } from '../../lib/address.ts';
import type { Address } from '../message.ts';
import {
  describeAdapter,
  type AdapterFake,
  type ReceivedMail,
  type TransportFault,
} from '../testing/adapter-suite.ts';
import { connectionWith } from '../testing/messages.ts';
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
        simpleParser(stream, { keepCidLinks: true }).then((mail) => toReceived(mail, recipients)),
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

function toReceived(mail: ParsedMail, recipients: readonly string[]): ReceivedMail {
  function header(name: string): string {
    const value = mail.headers.get(name.toLowerCase());
    const line = mail.headerLines.find(({ key }) => key === name.toLowerCase())?.line ?? '';
    const text = typeof value === 'string' ? value : unfold(line.slice(name.length + 1)).trim();
    return decodeWords(text);
  }
  return {
    from: mailboxes(mail.from)[0] ?? { address: '', name: null },
    replyTo: mailboxes(mail.replyTo),
    to: mailboxes(mail.to),
    cc: mailboxes(mail.cc),
    recipients,
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: typeof mail.html === 'string' ? mail.html : '',
    header,
    attachments: mail.attachments.map((file) => ({
      filename: file.filename ?? '',
      contentType: file.contentType,
      contentId: file.cid ?? null,
      content: file.content,
    })),
    emailId: header('x-courierx-email-id'),
    tags: [],
    metadata: {},
  };
}

/** Both smtp-server and mailparser show domains in Unicode. */
const inAscii = (address: string) => parseAddress(address) ?? address;
/** Encoded words (RFC 2047), which mailparser leaves as they are in headers it does not know. */
const decodeWords = (text: string) =>
  text.replace(/=\?utf-8\?q\?(.*?)\?=/gi, (_, word: string) =>
    decodeURIComponent(word.replaceAll('_', ' ').replaceAll('=', '%')),
  );
const unfold = (line: string) => line.replace(/\r?\n(?=[ \t])/g, '');

function mailboxes(list: AddressObject | AddressObject[] | undefined): Address[] {
  return [list ?? []]
    .flat()
    .flatMap(({ value }) => value)
    .map(({ address = '', name }) => ({
      address: inAscii(address),
      name: name === '' ? null : name,
    }));
}
