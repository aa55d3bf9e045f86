import type { Connection } from '../connection.ts';
import type { ProviderAnswer, ProviderHttp } from '../http.ts';
import { isRecord, parseJson } from '../json.ts';
import { verificationOfNoAnswer } from '../no-answer.ts';
import type { VerificationResult } from '../provider.ts';
import { callPostmark, describeAnswer, readError, streamOf, tokenOf } from './api.ts';

/** Asks for the server, then whether its message stream takes mail. */
export async function verify(
  http: ProviderHttp,
  connection: Connection,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const ask = (path: string) =>
    callPostmark(http, { connection, call: { method: 'GET', path } }, signal);
  const server = await ask('/server');
  if (server.kind !== 'answer') return verificationOfNoAnswer(server);
  if (server.status !== 200) return explain(server, connection);
  const parsed = parseJson(server.body);
  if (!isRecord(parsed) || !('ID' in parsed)) return { status: 'failed', message: NO_POSTMARK };
  const streams = await ask('/message-streams');
  if (streams.kind !== 'answer') return verificationOfNoAnswer(streams);
  if (streams.status !== 200) return explain(streams, connection);
  const fault = findStreamFault(streams.body, streamOf(connection));
  if (fault !== null) return { status: 'failed', message: fault };
  const isSandbox = parsed['DeliveryType'] === 'Sandbox';
  const message = isSandbox
    ? 'Server token is valid; it is of a sandbox server, which delivers nothing'
    : 'Server token is valid';
  return { status: 'verified', message };
}

const NO_POSTMARK = 'There is no Postmark API at this address';

function findStreamFault(body: string, wanted: string): string | null {
  const parsed = parseJson(body);
  const listed: unknown[] =
    isRecord(parsed) && Array.isArray(parsed['MessageStreams']) ? parsed['MessageStreams'] : [];
  const stream = listed.filter(isRecord).find(({ ID: id }) => id === wanted);
  if (!stream) return `The server has no message stream "${wanted}" (message_stream)`;
  if (typeof stream['ArchivedAt'] === 'string') return `The message stream "${wanted}" is archived`;
  return stream['MessageStreamType'] === 'Inbound'
    ? `The message stream "${wanted}" is for incoming mail`
    : null;
}

function explain(answer: ProviderAnswer, connection: Connection): VerificationResult {
  const { status } = answer;
  const words = describeAnswer(answer, tokenOf(connection));
  if (status === 401 || readError(answer)?.code === 10) {
    return { status: 'failed', message: `The server token is not valid: ${words}` };
  }
  const isFilter = status === 403 && readError(answer) === null;
  return isFilter || status === 408 || status === 429 || status >= 500
    ? { status: 'unreachable', message: `Postmark can't answer now: ${words}` }
    : { status: 'failed', message: `${NO_POSTMARK}: ${words}` };
}
