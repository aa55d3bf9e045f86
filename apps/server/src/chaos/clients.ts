import { setTimeout as delay } from 'node:timers/promises';
import { addressOf, type TestAccount } from './accounts.ts';
import { callApi, NoAnswerError } from './api.ts';
import type { Acceptance, Fate } from './law.ts';

export type ClientsOptions = {
  readonly accounts: readonly TestAccount[];
  readonly perAccount: number;
  /** Between two mails of one client. */
  readonly pauseMs: number;
  readonly urls: () => readonly string[];
  /** True: nothing new for now. */
  readonly isBehind: () => boolean;
  /** Aborted: they leave at once. */
  readonly signal: AbortSignal;
};

export type Clients = {
  readonly accepted: readonly Acceptance[];
  /** Sends nothing new; resolves when every mail begun was answered or given up. */
  stop(): Promise<void>;
};

/** A client asks so long for the answer to one mail, then something is wrong with the system. */
const PATIENCE_MS = 300_000;
const AGAIN_MS = 100;
/** Some clients don't ask again: their mail may be accepted without their knowing. */
const GIVES_UP = 0.1;

/** Clients that send with an idempotency key, and ask again with the same one when no answer came. */
export function startClients(options: ClientsOptions): Clients {
  const accepted: Acceptance[] = [];
  let isOver = false;
  let count = 0;
  const isGoing = () => !isOver && !options.signal.aborted;

  async function client(account: TestAccount): Promise<void> {
    while (isGoing()) {
      count += 1;
      const key = `chaos-${count}`;
      const id = await sendOne(options, account, { key, n: count });
      if (id !== null) accepted.push({ id, key });
      await delay(options.pauseMs);
      while (options.isBehind() && isGoing()) await delay(AGAIN_MS);
    }
  }

  const running = Promise.all(
    options.accounts.flatMap((account) =>
      Array.from({ length: options.perAccount }, () => client(account)),
    ),
  );
  // Awaited only at the stop, which may come much later.
  running.catch(() => undefined);
  return {
    accepted,
    async stop() {
      isOver = true;
      await running;
    },
  };
}

/** Null where the client gave up. */
async function sendOne(
  { urls, signal }: ClientsOptions,
  { token }: TestAccount,
  { key, n }: { key: string; n: number },
): Promise<string | null> {
  const body = {
    from: 'hello@chaos.example',
    ...recipientsOf(n),
    subject: `Chaos ${n}`,
    text: 'x'.repeat(500),
    metadata: { idempotency_key: key },
  };
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const all = urls();
    const url = all[Math.floor(Math.random() * all.length)];
    try {
      if (url) {
        const call = { method: 'POST', path: '/emails', token, body } as const;
        return (await callApi<{ id: string }>(url, call)).id;
      }
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      if (Math.random() < GIVES_UP) return null;
    }
    if (signal.aborted) return null;
    await delay(AGAIN_MS);
  }
  throw new Error(`No api process answered for ${PATIENCE_MS / 1_000} seconds.`);
}

/** Most mails have one good recipient; the others have several, of all kinds. */
function recipientsOf(n: number): Record<string, unknown> {
  const to = (...fates: Fate[]) => fates.map((fate, index) => addressOf(fate, n * 10 + index));
  switch (n % 20) {
    case 1:
      return { to: to('refused') };
    case 2:
      return { to: to('suppressed') };
    case 3:
      return { to: to('taken', 'refused'), cc: [addressOf('taken', n * 10 + 5)] };
    case 4:
      return { to: to('taken', 'suppressed'), bcc: [addressOf('taken', n * 10 + 5)] };
    case 5:
      return { to: to('taken', 'taken', 'taken') };
    default:
      return { to: to('taken') };
  }
}
