import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { TLSSocket, createServer as createTlsServer } from 'node:tls';
import type { KeyPair } from './certificates.ts';
import { listen } from './raw-server.ts';

/** Where in the dialogue the server is asked what to do; `body` is the first piece of a message. */
export type SmtpStage =
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'body'
  | 'message'
  | 'rset'
  | 'quit';

export type SmtpMoment = {
  readonly stage: SmtpStage;
  /** The command as it came; empty where there is none. */
  readonly line: string;
  /** Counts connections from 0. */
  readonly connection: number;
  /** Counts the MAIL commands of this connection from 0. */
  readonly mail: number;
};

/** A reply (`'550 5.1.1 no such user'`), or an end. `take` puts a message on the ledger before. */
export type SmtpAction =
  | { readonly reply: string; readonly thenClose?: boolean; readonly take?: boolean }
  | { readonly do: 'hang' | 'close' | 'reset'; readonly take?: boolean };

/** Nothing returned: the server goes on as a good one would. */
export type SmtpScript = (moment: SmtpMoment) => SmtpAction | undefined;

export type TakenSmtpMail = {
  readonly from: string;
  readonly recipients: readonly string[];
  /** The message with dot-stuffing undone, without the final dot. */
  readonly message: string;
  readonly connection: number;
};

export type ScriptedSmtpOptions = {
  /** With it STARTTLS is offered, or, with `implicit`, TLS spoken from the start. */
  readonly tls?: KeyPair;
  readonly implicit?: boolean;
  /** With it AUTH PLAIN is offered and needed. */
  readonly login?: { readonly user: string; readonly pass: string };
  readonly extensions?: readonly string[];
};

export type ScriptedSmtp = {
  readonly port: number;
  readonly connections: number;
  /** Open connections now. */
  readonly open: number;
  /** Every command of every connection, in order. */
  readonly commands: readonly string[];
  /** The messages it said 250 to, or was told to `take`. */
  readonly ledger: readonly TakenSmtpMail[];
  /** What it does from now on, instead of what a good server does. */
  script(script: SmtpScript | null): void;
  close(): Promise<void>;
};

type Shared = {
  readonly options: ScriptedSmtpOptions;
  readonly commands: string[];
  readonly ledger: TakenSmtpMail[];
  script: SmtpScript | null;
};

/** A mail server on 127.0.0.1 that does what it is told at any stage, and else takes all mail. */
export async function startScriptedSmtp(options: ScriptedSmtpOptions = {}): Promise<ScriptedSmtp> {
  const shared: Shared = { options, commands: [], ledger: [], script: null };
  const sockets = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    new Dialogue(shared, connections++).start(socket);
  };
  const server =
    options.implicit && options.tls ? createTlsServer(options.tls, take) : createServer(take);
  const port = await listen(server);
  return {
    port,
    get connections() {
      return connections;
    },
    get open() {
      return sockets.size;
    },
    commands: shared.commands,
    ledger: shared.ledger,
    script: (script) => (shared.script = script),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const REPLIES: Readonly<Record<Exclude<SmtpStage, 'ehlo' | 'body'>, string>> = {
  greeting: '220 fake.test ESMTP',
  starttls: '220 2.0.0 go on',
  auth: '235 2.7.0 welcome',
  mail: '250 2.1.0 ok',
  rcpt: '250 2.1.5 ok',
  data: '354 go on',
  message: '250 2.0.0 ok queued',
  rset: '250 2.0.0 ok',
  quit: '221 2.0.0 bye',
};

/** One connection: lines in, replies out. */
class Dialogue {
  readonly #shared: Shared;
  readonly #connection: number;
  #socket: Socket | null = null;
  #pending = '';
  #mails = -1;
  /** Null where no MAIL command was taken. */
  #from: string | null = null;
  #recipients: string[] = [];
  #message: string[] | null = null;
  #isBodyBegun = false;
  #isHanging = false;

  constructor(shared: Shared, connection: number) {
    this.#shared = shared;
    this.#connection = connection;
  }

  start(socket: Socket): void {
    this.#attach(socket);
    this.#act('greeting', '');
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    this.#pending = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => this.#take(chunk.toString('latin1')));
  }

  #take(text: string): void {
    this.#pending += text;
    const lines = this.#pending.split('\r\n');
    this.#pending = lines.pop() ?? '';
    if (this.#message && !this.#isBodyBegun) {
      this.#isBodyBegun = true;
      if (this.#act('body', '')) return;
    }
    for (const line of lines) {
      if (this.#isHanging) return;
      if (this.#message) this.#takeBodyLine(this.#message, line);
      else this.#takeCommand(line);
    }
  }

  #takeBodyLine(message: string[], line: string): void {
    if (line !== '.') {
      message.push(line.startsWith('.') ? line.slice(1) : line);
      return;
    }
    this.#act('message', '.');
    this.#message = null;
  }

  #takeCommand(line: string): void {
    this.#shared.commands.push(line);
    const stage = STAGES.find(([pattern]) => pattern.test(line))?.[1];
    if (stage === undefined) {
      this.#say('502 5.5.1 not known here');
      return;
    }
    if (stage === 'mail') {
      this.#mails += 1;
      this.#from = addressIn(line);
      this.#recipients = [];
    }
    this.#act(stage, line);
  }

  /** Does what the script says or a good server would; true where the script ended the matter. */
  #act(stage: SmtpStage, line: string): boolean {
    const moment = { stage, line, connection: this.#connection, mail: this.#mails };
    const action = this.#shared.script?.(moment);
    if (!action) {
      this.#proceed(stage, line);
      return false;
    }
    if (action.take) this.#keep();
    if ('reply' in action) {
      this.#say(action.reply);
      if (stage === 'mail' && !action.reply.startsWith('2')) this.#from = null;
      if (stage === 'rcpt' && action.reply.startsWith('2')) this.#recipients.push(addressIn(line));
      if (stage === 'data' && action.reply.startsWith('3')) this.#beginMessage();
      if (action.thenClose) this.#socket?.end();
      return true;
    }
    this.#isHanging = true;
    if (action.do === 'close') this.#socket?.end();
    if (action.do === 'reset') this.#reset();
    return true;
  }

  #proceed(stage: SmtpStage, line: string): void {
    const { login } = this.#shared.options;
    switch (stage) {
      case 'body':
        return;
      case 'ehlo': {
        this.#say(this.#describe());
        return;
      }
      case 'starttls': {
        this.#startTls();
        return;
      }
      case 'auth': {
        this.#say(login && line === `AUTH PLAIN ${encode(login)}` ? REPLIES.auth : '535 5.7.8 no');
        return;
      }
      case 'rcpt':
        if (this.#from === null) {
          this.#say('503 5.5.1 need MAIL first');
          return;
        }
        this.#recipients.push(addressIn(line));
        break;
      case 'data':
        if (this.#recipients.length === 0) {
          this.#say('554 5.5.1 no valid recipients');
          return;
        }
        this.#beginMessage();
        break;
      case 'message':
        this.#keep();
        break;
      case 'greeting':
      case 'mail':
      case 'rset':
      case 'quit':
    }
    this.#say(REPLIES[stage]);
    if (stage === 'quit') this.#socket?.end();
  }

  #beginMessage(): void {
    this.#message = [];
    this.#isBodyBegun = false;
  }

  #describe(): string {
    const { tls, implicit, login, extensions = ['8BITMIME', 'PIPELINING'] } = this.#shared.options;
    const isPlain = !(this.#socket instanceof TLSSocket);
    const words = [
      'fake.test',
      ...extensions,
      ...(tls && !implicit && isPlain ? ['STARTTLS'] : []),
      ...(login ? ['AUTH PLAIN'] : []),
    ];
    return words.map((word, i) => `250${i === words.length - 1 ? ' ' : '-'}${word}`).join('\r\n');
  }

  #startTls(): void {
    const { tls } = this.#shared.options;
    const plain = this.#socket;
    if (!tls || !plain) {
      this.#say('502 5.5.1 no TLS here');
      return;
    }
    this.#say(REPLIES.starttls);
    plain.removeAllListeners('data');
    this.#attach(new TLSSocket(plain, { isServer: true, ...tls }));
  }

  #keep(): void {
    this.#shared.ledger.push({
      from: this.#from ?? '',
      recipients: this.#recipients,
      message: (this.#message ?? []).map((line) => `${line}\r\n`).join(''),
      connection: this.#connection,
    });
  }

  #say(reply: string): void {
    this.#socket?.write(`${reply}\r\n`, 'latin1');
  }

  #reset(): void {
    const socket = this.#socket;
    if (socket instanceof TLSSocket) socket.destroy();
    else socket?.resetAndDestroy();
  }
}

const STAGES: readonly (readonly [RegExp, SmtpStage])[] = [
  [/^(EHLO|HELO)/i, 'ehlo'],
  [/^STARTTLS/i, 'starttls'],
  [/^AUTH/i, 'auth'],
  [/^MAIL FROM:/i, 'mail'],
  [/^RCPT TO:/i, 'rcpt'],
  [/^DATA/i, 'data'],
  [/^RSET/i, 'rset'],
  [/^QUIT/i, 'quit'],
];

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}

function encode({ user, pass }: { user: string; pass: string }): string {
  return Buffer.from(`\u0000${user}\u0000${pass}`).toString('base64');
}
