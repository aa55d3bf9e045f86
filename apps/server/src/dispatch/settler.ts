import type { Settlement } from '../providers/settlement.ts';
import { toStorable } from '../lib/storable.ts';
import { loadAttachments } from '../queue/load-attachments.ts';
import type { DispatchDeps } from './deps.ts';
import type { DispatchJob, InDoubt } from './dispatch-io.ts';
import { buildMessage } from './message.ts';

/** Resolves to null where the provider has no means to tell. Never rejects. */
export type Settler = (job: DispatchJob, inDoubt: InDoubt) => Promise<Settlement | null>;

/** A provider that just hung is likely to hang again; the next connection waits meanwhile. */
const LIMIT_MS = 5_000;
/** Longer than any mail is kept back for, but where it is held anyway. */
const AFTER_NO_ANSWER_MS = 30_000;

/** Asks providers what became of attempts whose answer never came. */
export function createSettler(deps: DispatchDeps): Settler {
  return async (job, inDoubt) => {
    const { provider, id: connectionId } = inDoubt.connection;
    const { accountId, emailId } = job.claim;
    const where = { accountId, emailId, connectionId };
    if (!deps.providers.get(provider)?.settle) return null;
    let settlement: Settlement;
    try {
      settlement = await ask(deps, job, inDoubt);
    } catch (error) {
      deps.log.warn({ err: error, ...where }, 'not told what became of an attempt');
      const detail = 'the provider gave no answer';
      settlement = { kind: 'ask_again', afterMs: AFTER_NO_ANSWER_MS, detail };
    }
    deps.metrics.settled({ provider, result: settlement.kind });
    const { number: attempt } = inDoubt;
    const { kind: result } = settlement;
    deps.log.info({ ...where, attempt, result }, 'asked what became of an attempt');
    return settlement;
  };
}

async function ask(
  deps: DispatchDeps,
  { email }: DispatchJob,
  { connection, number: attemptNumber, recipients, startedAt }: InDoubt,
): Promise<Settlement> {
  const adapter = deps.providers.get(connection.provider);
  if (!adapter?.settle) throw new Error(`${connection.provider} can not be asked`);
  const attachments = email.hasAttachments ? await loadAttachments(deps.database.pool, email) : [];
  const message = buildMessage(email, { recipients, attachments, attemptNumber });
  const opened = connection.toProviderConnection();
  const deadline = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new Error(`no answer within ${LIMIT_MS} ms`);
    deadline.abort(error);
    late.reject(error);
  }, LIMIT_MS);
  try {
    // A race, since an adapter may be slow to give up.
    const answer = adapter.settle(opened, { message, startedAt }, deadline.signal);
    return toStorable(await Promise.race([answer, late.promise]));
  } finally {
    clearTimeout(timer);
  }
}
