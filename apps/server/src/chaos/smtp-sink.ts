import type { Socket } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { isRefused, createSink, slowMs, type Sink, type SinkCore } from './sink.ts';

type Done = (error?: Error | null) => void;

/** An SMTP server that takes what it is told to take. */
export function startSmtpSink(): Promise<Sink> {
  return createSink('smtp', (core) => {
    const sockets = new Map<number, Socket>();
    const reset = (port: number) => sockets.get(port)?.resetAndDestroy();
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      disableReverseLookup: true,
      ...handlers(core, reset),
    });
    // Of its clients' deaths.
    server.on('error', () => undefined);
    return (socket) => {
      const { remotePort } = socket;
      if (remotePort === undefined) return;
      sockets.set(remotePort, socket);
      socket.on('close', () => sockets.delete(remotePort));
      server.server.emit('connection', socket);
    };
  });
}

function handlers(core: SinkCore, reset: (port: number) => void): SMTPServerOptions {
  return {
    onMailFrom(_address, session, done: Done) {
      // Half of what goes wrong goes wrong before there is a mail.
      const fault = Math.random() < 0.5 ? core.draw() : 'none';
      if (fault === 'limit') done(reply(421, 'Too many messages, try later'));
      else if (fault === 'error') done(reply(451, 'Local error in processing'));
      else if (fault === 'reset_before') reset(session.remotePort);
      else if (fault !== 'hang') done();
    },
    onRcptTo({ address }, _session, done: Done) {
      done(isRefused(address) ? reply(550, '5.1.1 No such user') : null);
    },
    onData(stream, session, done: Done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks).toString('latin1');
        const emailId = /^X-CourierX-Email-Id: (\S+)/im.exec(raw)?.[1] ?? '';
        const recipients = session.envelope.rcptTo.map(({ address }) => address);
        const take = () => core.take(emailId, recipients);
        end({ core, take, done, reset: () => reset(session.remotePort) });
      });
    },
  };
}

type Ending = { core: SinkCore; take: () => void; done: Done; reset: () => void };

function end({ core, take, done, reset }: Ending): void {
  const accept = () => {
    take();
    done();
  };
  const fault = core.draw();
  switch (fault) {
    case 'none':
    case 'down':
      accept();
      return;
    case 'error':
      done(reply(451, 'Local error in processing'));
      return;
    case 'limit':
      done(reply(421, 'Too many messages, try later'));
      return;
    case 'hang':
      if (Math.random() < 0.5) take();
      return;
    case 'reset_before':
      reset();
      return;
    case 'reset_after':
      take();
      reset();
      return;
    case 'slow':
      setTimeout(accept, slowMs());
  }
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
