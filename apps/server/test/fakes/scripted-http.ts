import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { listen } from './raw-server.ts';

/** What to do with the next mail instead of judging and taking it. */
export type HttpScript =
  | { readonly do: 'answer'; readonly status: number; readonly body?: unknown }
  /** Reads the request and never answers; with `take` the mail is on the ledger all the same. */
  | { readonly do: 'hang'; readonly take?: boolean }
  /** Reads the request and resets the connection. */
  | { readonly do: 'reset'; readonly take?: boolean };

export type FakeRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
};

/** A string is plain text, anything else JSON. */
export type FakeReply = {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export type ScriptedHttp = {
  readonly port: number;
  /** For a connection's `endpoint`. */
  readonly url: string;
  /** Every request as `POST /path`, in order, whatever became of it. */
  readonly requests: readonly string[];
  /** The next mails are treated so, one each; those after them are judged and taken again. */
  script(...scripts: HttpScript[]): void;
  close(): Promise<void>;
};

export type FakeApi = {
  /** Whether a request hands a mail over: scripts are for those. */
  isMail(request: FakeRequest): boolean;
  /** Puts the mail of a request on the ledger. */
  take(request: FakeRequest): Promise<unknown>;
  answer(request: FakeRequest): Promise<FakeReply>;
};

/** An HTTP API on 127.0.0.1 that can be told to fail. */
export async function startScriptedHttp(api: FakeApi): Promise<ScriptedHttp> {
  const requests: string[] = [];
  const scripts: HttpScript[] = [];

  async function react(request: FakeRequest, response: ServerResponse): Promise<void> {
    const script = api.isMail(request) ? scripts.shift() : undefined;
    if (!script || script.do === 'answer') {
      reply(response, script ?? (await api.answer(request)));
      return;
    }
    if (script.take) await api.take(request);
    if (script.do === 'reset') response.socket?.resetAndDestroy();
  }

  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://fake');
      const { method = 'GET', headers } = incoming;
      requests.push(`${method} ${incoming.url}`);
      const body = Buffer.concat(chunks);
      const request = { method, path: pathname, query: searchParams, headers, body };
      react(request, response).catch((error: unknown) =>
        reply(response, { status: 500, body: { message: String(error) } }),
      );
    });
  });
  const port = await listen(server);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    script: (...more) => void scripts.push(...more),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function reply(response: ServerResponse, { status, body, headers }: FakeReply): void {
  const isText = typeof body === 'string';
  const type = isText ? 'text/plain' : 'application/json';
  response.writeHead(status, { ...(body !== undefined && { 'content-type': type }), ...headers });
  response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
}
