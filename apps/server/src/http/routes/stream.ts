import { PassThrough } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Change } from '../../services/live/account-watch.ts';
import { LiveUpdates } from '../../services/live/live-updates.ts';
import { ServiceError } from '../../services/service-error.ts';
import type { HttpDeps } from '../deps.ts';
import { authenticate } from '../plugins/auth.ts';

const HEARTBEAT_MS = 15_000;
/** How long a browser waits before it connects again. */
const RECONNECT_MS = 2_000;
/** Who reads slower than this is cut off, and goes on from its last event. */
const MAX_UNREAD_BYTES = 1024 * 1024;
/** Of what was missed, no more is told than of this time. */
const MAX_MISSED_MS = 60 * 60_000;

/** Server-sent events: what changes in the account, as it changes. */
export function addStreamRoutes(app: FastifyInstance, deps: HttpDeps): void {
  const { services, log } = deps;
  const live = new LiveUpdates({
    ...services,
    onPollFailed: (error) => {
      log.warn({ err: error }, 'no live updates for now');
    },
  });
  const open = new Set<PassThrough>();
  app.addHook('preClose', (done) => {
    for (const stream of open) stream.end();
    done();
  });

  app.get(
    '/stream',
    {
      exposeHeadRoute: false,
      schema: {
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String()) }),
        response: { 200: { content: { 'text/event-stream': { schema: Type.String() } } } },
      },
    },
    (request, reply) => {
      const stream = new PassThrough();
      const listener = (changes: readonly Change[]) => {
        if (!stream.writable) return;
        stream.write(changes.map(encode).join(''));
        if (stream.writableLength > MAX_UNREAD_BYTES) stream.destroy();
      };
      const since = readSince(request, services.now());
      const unsubscribe = live.subscribe(request.principal, { listener, since });
      open.add(stream);
      const heartbeat = setInterval(() => void beat(deps, request, stream), HEARTBEAT_MS);
      stream.once('close', () => {
        clearInterval(heartbeat);
        unsubscribe();
        open.delete(stream);
      });
      stream.write(`retry: ${RECONNECT_MS}\n\n`);
      return reply
        .type('text/event-stream; charset=utf-8')
        .headers({
          'cache-control': 'no-cache, no-transform',
          'x-accel-buffering': 'no',
          // Nothing comes after it: at a stop nobody waits for the next request.
          connection: 'close',
        })
        .send(stream);
    },
  );
}

/** Keeps proxies from closing the line, and closes it once the token is no longer good. */
async function beat(deps: HttpDeps, request: FastifyRequest, stream: PassThrough): Promise<void> {
  try {
    await authenticate(deps, request);
  } catch (error) {
    if (error instanceof ServiceError) {
      stream.end();
      return;
    }
  }
  if (stream.writable) stream.write(': still here\n\n');
}

function encode(change: Change): string {
  const { type, data } = change;
  const id = type === 'email' ? `id: ${data.updated_at}\n` : '';
  return `${id}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** An id of ours is the time of a change; any other begins now. */
function readSince({ headers }: FastifyRequest, now: Date): Date | null {
  const time = Date.parse(String(headers['last-event-id']));
  if (Number.isNaN(time)) return null;
  return new Date(Math.max(time, now.getTime() - MAX_MISSED_MS));
}
