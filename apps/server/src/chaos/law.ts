import type { EmailStatus, OnUnknown } from '@courierx/contract';

/** An answered 202: from now on CourierX answers for the mail. */
export type Acceptance = { readonly id: string; readonly key: string };

/** What the providers are going to say of an address when they are asked. */
export type Fate = 'taken' | 'refused' | 'suppressed';

/** A mail as the database has it at the end. */
export type MailRecord = {
  readonly id: string;
  readonly key: string;
  readonly onUnknown: OnUnknown;
  readonly status: EmailStatus;
  readonly recipients: readonly {
    readonly address: string;
    readonly status: EmailStatus;
    readonly fate: Fate;
  }[];
  /** In order; null where none was recorded. */
  readonly outcomes: readonly (string | null)[];
  readonly isInQueue: boolean;
};

/** A line of a sink's own ledger: what a provider took. */
export type Copy = {
  readonly emailId: string;
  readonly sink: string;
  readonly recipients: readonly string[];
};

export type Violation = {
  readonly kind: 'lost' | 'unexplained';
  readonly emailId: string;
  readonly words: string;
};

/** Mails, unless the name says otherwise. */
export type Figures = {
  readonly accepted: number;
  /** Stored, though no client ever got the answer. */
  readonly unanswered: number;
  readonly sent: number;
  readonly failed: number;
  readonly suppressed: number;
  /** An attempt is unknown and the account wants no other. */
  readonly held: number;
  readonly queued: number;
  /** What the sinks took beyond one a recipient, each with its `unknown` attempt. */
  readonly copiesExplained: number;
  readonly lost: number;
  readonly unexplained: number;
};

export type Evidence = {
  readonly accepted: readonly Acceptance[];
  readonly mails: readonly MailRecord[];
  readonly copies: readonly Copy[];
};

export type Verdict = { readonly figures: Figures; readonly violations: readonly Violation[] };

/**
 * The law, for each id: accepted = delivered + failed + suppressed + held + queued, judged by what
 * the sinks have. Nothing is missing, and a copy beyond one has its `unknown` attempt, under `hold`
 * there is none.
 */
export function judge({ accepted, mails, copies }: Evidence): Verdict {
  const byId = new Map(mails.map((mail) => [mail.id, mail]));
  const taken = countCopies(copies);
  const violations = [
    ...judgeAcceptances(accepted, byId),
    ...judgeKeys(mails),
    ...judgeLedgers(copies, byId),
    ...mails.flatMap((mail) => judgeMail(mail, taken)),
  ];
  const answered = new Set(accepted.map(({ id }) => id));
  const count = (is: (mail: MailRecord) => boolean) => mails.filter(is).length;
  const emailsWith = (kind: Violation['kind']) =>
    new Set(violations.filter((found) => found.kind === kind).map(({ emailId }) => emailId)).size;
  return {
    violations,
    figures: {
      accepted: answered.size,
      unanswered: count(({ id }) => !answered.has(id)),
      sent: count(({ status }) => isSent(status)),
      failed: count(({ status }) => status === 'failed'),
      suppressed: count(({ status }) => status === 'suppressed'),
      held: count(isHeld),
      queued: count((mail) => mail.status === 'queued' && !isHeld(mail)),
      copiesExplained: mails.reduce((sum, mail) => sum + copiesExplained(mail, taken), 0),
      lost: emailsWith('lost'),
      unexplained: emailsWith('unexplained'),
    },
  };
}

type Taken = ReadonlyMap<string, number>;

const keyOf = (emailId: string, address: string) => `${emailId} ${address.toLowerCase()}`;

function countCopies(copies: readonly Copy[]): Taken {
  const taken = new Map<string, number>();
  for (const { emailId, recipients } of copies) {
    for (const address of recipients) {
      const key = keyOf(emailId, address);
      taken.set(key, (taken.get(key) ?? 0) + 1);
    }
  }
  return taken;
}

const isSent = (status: EmailStatus) => status === 'sent' || status === 'delivered';

export function isHeld({ onUnknown, status, outcomes }: MailRecord): boolean {
  return status === 'queued' && onUnknown === 'hold' && outcomes.at(-1) === 'unknown';
}

function judgeAcceptances(
  accepted: readonly Acceptance[],
  byId: ReadonlyMap<string, MailRecord>,
): Violation[] {
  const firstIds = new Map<string, string>();
  return accepted.flatMap(({ id, key }): Violation[] => {
    const first = firstIds.get(key) ?? id;
    firstIds.set(key, first);
    if (!byId.has(id)) return [lost(id, 'accepted, and not in the database')];
    return first === id ? [] : [unexplained(id, `key ${key} was answered with ${first} before`)];
  });
}

function judgeKeys(mails: readonly MailRecord[]): Violation[] {
  const firstIds = new Map<string, string>();
  return mails.flatMap(({ id, key }): Violation[] => {
    const first = firstIds.get(key);
    if (first === undefined) firstIds.set(key, id);
    return first === undefined ? [] : [unexplained(id, `key ${key} is stored as ${first}, too`)];
  });
}

function judgeLedgers(copies: readonly Copy[], byId: ReadonlyMap<string, MailRecord>): Violation[] {
  return copies.flatMap(({ emailId, sink, recipients }): Violation[] => {
    const mail = byId.get(emailId);
    if (!mail) return [unexplained(emailId, `${sink} has it, and it was never accepted`)];
    const known = new Set(mail.recipients.map(({ address }) => address.toLowerCase()));
    return recipients
      .filter((address) => !known.has(address.toLowerCase()))
      .map((address) =>
        unexplained(emailId, `${sink} has it for ${address}, who was not asked for`),
      );
  });
}

function judgeMail(mail: MailRecord, taken: Taken): Violation[] {
  const { id, status, isInQueue, outcomes } = mail;
  const found: Violation[] = [];
  if (status === 'queued' && !isInQueue) found.push(lost(id, 'waits, and is not in the queue'));
  if (status !== 'queued' && outcomes.includes(null)) {
    found.push(unexplained(id, 'is over, with an attempt that has no outcome'));
  }
  for (const recipient of mail.recipients) {
    const copies = taken.get(keyOf(id, recipient.address)) ?? 0;
    const fault = judgeRecipient(mail, recipient, copies);
    if (fault) found.push(fault);
  }
  return found;
}

function judgeRecipient(
  mail: MailRecord,
  { address, status, fate }: MailRecord['recipients'][number],
  copies: number,
): Violation | null {
  const { id } = mail;
  if (isSent(status) && copies === 0) return lost(id, `sent to ${address}, and in no ledger`);
  if (fate === 'taken' && status !== 'queued' && !isSent(status)) {
    return lost(id, `${status} for ${address}, whom every provider takes`);
  }
  if (fate === 'suppressed' && (copies > 0 || status !== 'suppressed')) {
    return unexplained(id, `${status}, with ${copies} copies for ${address}, who is suppressed`);
  }
  const allowed = copiesAllowed(mail, status);
  if (copies <= allowed) return null;
  return unexplained(
    id,
    `${copies} copies for ${address}, ${allowed} explained (${mail.onUnknown})`,
  );
}

/** One that is on record as sent, and one for each attempt nobody knows the end of. */
function copiesAllowed({ onUnknown, outcomes, ...mail }: MailRecord, status: EmailStatus): number {
  const isOpen = mail.status === 'queued';
  const unknown = outcomes.filter(
    (outcome) => outcome === 'unknown' || (isOpen && outcome === null),
  );
  const allowed = (isSent(status) ? 1 : 0) + unknown.length;
  return onUnknown === 'hold' ? Math.min(1, allowed) : allowed;
}

function copiesExplained(mail: MailRecord, taken: Taken): number {
  return mail.recipients.reduce((sum, { address, status }) => {
    const copies = taken.get(keyOf(mail.id, address)) ?? 0;
    return sum + Math.max(0, Math.min(copies, copiesAllowed(mail, status)) - 1);
  }, 0);
}

const lost = (emailId: string, words: string): Violation => ({ kind: 'lost', emailId, words });
const unexplained = (emailId: string, words: string): Violation => ({
  kind: 'unexplained',
  emailId,
  words,
});
