import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import { toDetail } from '../detail.ts';
import type { OutgoingMessage } from '../message.ts';
import type { Outcome } from '../outcome.ts';
import type { Connection } from '../connection.ts';
import type { Provider, ProviderDeps, VerificationResult } from '../provider.ts';
import { NOTHING_SENT, outcomeOfError, toRecipientFault } from './error.ts';
import { buildMime } from '../mime.ts';
import { SmtpPool } from './pool.ts';
import { SmtpSession, type Delivery, type DeliveryResult } from './session.ts';
import { checkSmtpSettings, maxSessionsOf } from './settings.ts';
import { createSmtpWebhooks } from './webhooks.ts';

/** Any mail server that takes submissions (RFC 6409), with STARTTLS or TLS from the start. */
export function createSmtp(deps: ProviderDeps): Provider {
  const pools = new Map<string, { version: number; pool: SmtpPool }>();

  function poolOf(connection: Connection): SmtpPool {
    const kept = pools.get(connection.id);
    if (kept?.version === connection.version) return kept.pool;
    // An older version's sessions are logged in with credentials that were replaced.
    kept?.pool.close();
    const pool = new SmtpPool(connection, deps);
    pools.set(connection.id, { version: connection.version, pool });
    return pool;
  }

  return {
    name: 'smtp',
    maxSessions: maxSessionsOf,
    capabilities: {
      maxMessageBytes: 50 * 1024 * 1024,
      maxRecipients: 100,
      maxTags: 0,
      maxMetadataBytes: 0,
      customHeaders: true,
      attachments: true,
      inlineAttachments: true,
      multipleReplyTo: true,
      keepsMessageId: true,
      reservedHeaders: [],
    },
    credentials: {
      required: ['smtp_host', 'smtp_port'],
      optional: ['api_key', 'secret', 'smtp_tls', 'smtp_sessions'],
    },
    checkSettings: (settings, secrets) =>
      checkSmtpSettings(settings, secrets, { anyPort: deps.guard.allowsPrivateNetworks }),
    async send(connection, message, signal) {
      signal.throwIfAborted();
      const mime = buildMime(message);
      const { recipients } = message;
      const delivery = { from: message.from.address, recipients, mime };
      const result = await deliver(poolOf(connection), delivery, signal);
      if ('error' in result && signal.aborted) throw signal.reason;
      return toOutcome(result, connection, message);
    },
    verify: (connection, signal) => verify(connection, deps, signal),
    webhooks: createSmtpWebhooks(),
    close(connectionId) {
      for (const [id, { pool }] of pools) {
        if (connectionId !== undefined && id !== connectionId) continue;
        pool.close();
        pools.delete(id);
      }
      return Promise.resolve();
    },
  };
}

/**
 * A session that was kept may have been closed by the server meanwhile. Until the body is asked for
 * nothing of this mail was sent, so it is simply tried once more on a new one.
 */
async function deliver(
  pool: SmtpPool,
  delivery: Delivery,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const first = await deliverOnce(pool, delivery, { fresh: false, signal });
  return 'error' in first && first.wasKept && isStale(first) && !signal.aborted
    ? deliverOnce(pool, delivery, { fresh: true, signal })
    : first;
}

function isStale({ error, progress }: Extract<DeliveryResult, { error: unknown }>): boolean {
  if (progress.isBodyStarted) return false;
  const code = (error as { responseCode?: number }).responseCode;
  return code === undefined || code === 421;
}

async function deliverOnce(
  pool: SmtpPool,
  delivery: Delivery,
  options: { fresh: boolean; signal: AbortSignal },
): Promise<DeliveryResult & { wasKept: boolean }> {
  let session: SmtpSession;
  try {
    session = await pool.acquire(options);
  } catch (error) {
    return { error, progress: NOTHING_SENT, wasKept: false };
  }
  const wasKept = session.deliveries > 0;
  const result = await session.deliver(delivery, options.signal);
  // The outcome is known: nobody waits for what follows.
  if ('error' in result) void pool.recover(session);
  else pool.release(session);
  return { ...result, wasKept };
}

function toOutcome(
  result: DeliveryResult,
  { secrets }: Connection,
  message: OutgoingMessage,
): Outcome {
  const hidden = [secrets.secret];
  if ('error' in result) return outcomeOfError(result.error, result.progress, hidden);
  const { info } = result;
  return {
    kind: 'accepted',
    detail: toDetail(info.response, hidden),
    statusCode: codeOf(info),
    providerMessageId: info.serverMessageId ?? message.messageId,
    recipientFaults: (info.rejectedErrors ?? []).map((refusal) =>
      toRecipientFault(refusal, hidden),
    ),
    events: [],
  };
}

function codeOf({ response }: SMTPConnectionSendInfo): number | null {
  const code = Number.parseInt(response, 10);
  return Number.isNaN(code) ? null : code;
}

/** Connects, secures, logs in, and says goodbye; no mail is begun. */
async function verify(
  connection: Connection,
  deps: ProviderDeps,
  signal: AbortSignal,
): Promise<VerificationResult> {
  const { secret } = connection.secrets;
  try {
    const session = await SmtpSession.open(connection, deps, signal);
    session.close();
    const message = secret === undefined ? 'Connected' : 'Connected and logged in';
    return { status: 'verified', message };
  } catch (error) {
    if (signal.aborted) throw error;
    const outcome = outcomeOfError(error, NOTHING_SENT, [secret]);
    const isRefused = outcome.kind === 'failed' && outcome.scope === 'connection';
    const words = `${outcome.reason.replaceAll('_', ' ')}: ${outcome.detail}`;
    return { status: isRefused ? 'failed' : 'unreachable', message: words };
  }
}
