import type { EmailAttempt, EmailDetail, EmailEvent } from '@courierx/contract';
import { humanize } from '../../../lib/format.ts';

/** Something that happened to a mail. */
export type Moment = {
  readonly key: string;
  /** The API's word for it. */
  readonly word: string;
  /** Null: the word says it. */
  readonly title: string | null;
  readonly at: string;
  readonly about: string;
};

/** The taking, the events, and every attempt that came to nothing, in order. */
export function momentsOf(email: EmailDetail): readonly Moment[] {
  const taken = {
    ...{ key: 'taken', word: 'queued', title: 'Accepted by CourierX' },
    ...{ at: email.created_at, about: '' },
  };
  const attempts = email.attempts.flatMap(momentOfAttempt);
  const events = email.events.map((event) => momentOfEvent(event, email.recipients.length > 1));
  const later = [...attempts, ...events].toSorted((one, other) => (one.at < other.at ? -1 : 1));
  return [taken, ...later];
}

function momentOfAttempt(attempt: EmailAttempt): readonly Moment[] {
  const { number, outcome, provider_connection_name: name, started_at: at } = attempt;
  if (outcome === null || outcome === 'accepted') return [];
  const told = [attempt.reason === null ? null : humanize(attempt.reason), attempt.detail];
  const about = join(told);
  const title = `${TITLES[outcome]} ${name}`;
  return [{ key: `attempt ${number}`, word: outcome, title, at: attempt.finished_at ?? at, about }];
}

const TITLES = {
  failed: 'Failed at',
  rejected: 'Refused by',
  unknown: 'No answer from',
} as const;

function momentOfEvent(event: EmailEvent, isAmongMany: boolean): Moment {
  const { id, event_type: word, occurred_at: at, recipient, provider, detail, url } = event;
  const about = join([
    isAmongMany ? recipient : null,
    provider === null ? null : humanize(provider),
    url,
    detail,
  ]);
  return { key: id, word, title: null, at, about };
}

const join = (parts: readonly (string | null)[]) =>
  parts.filter((part) => part !== null && part !== '').join(' · ');
