import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { simpleParser, type ParsedMail } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type SunkMail = {
  readonly emailId: string;
  readonly recipients: readonly string[];
  readonly raw: Buffer;
};

/** A real SMTP server that takes everything and keeps a ledger. */
export type SmtpSink = {
  readonly port: number;
  readonly mails: SunkMail[];
  copiesOf(emailId: string): number;
  parse(emailId: string): Promise<ParsedMail>;
  close(): Promise<void>;
};

/** A connection of provider `smtp` to the sink: `{ …, ...toSmtpConnection(sink) }`. */
export function toSmtpConnection(sink: { port: number }) {
  return { provider: 'smtp', smtp_host: '127.0.0.1', smtp_port: sink.port, smtp_tls: 'none' };
}

export async function startSmtpSink(): Promise<SmtpSink> {
  const mails: SunkMail[] = [];
  const copies = new Map<string, number>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const emailId = /^X-CourierX-Email-Id: (\S+)/im.exec(raw.toString('latin1'))?.[1] ?? '';
        mails.push({ emailId, raw, recipients: session.envelope.rcptTo.map((to) => to.address) });
        copies.set(emailId, (copies.get(emailId) ?? 0) + 1);
        done(null);
      });
    },
  });
  // Clients that are killed in the middle are part of the tests.
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    copiesOf: (emailId) => copies.get(emailId) ?? 0,
    parse(emailId) {
      const mail = mails.find((entry) => entry.emailId === emailId);
      if (!mail) throw new Error(`The sink has no mail of email ${emailId}`);
      return simpleParser(mail.raw);
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
