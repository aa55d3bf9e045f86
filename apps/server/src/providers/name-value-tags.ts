import type { OutgoingMessage } from './message.ts';

/** A label as providers take it whose tags have a name and a value (Resend, Amazon SES). */
export type NameValueTag = { readonly name: string; readonly value: string };

/** Our email id in every event these providers report. */
export const EMAIL_ID_TAG = 'cx_email_id';
export const ATTEMPT_TAG = 'cx_attempt';

const MAX_LENGTH = 256;

/**
 * Our own ids first, then the tags as `tag`, `tag_2`, …, then the metadata under its own keys.
 * Names and values may hold `A-Z a-z 0-9 _ -` only: each other letter becomes `_`, and 256 letters
 * are kept. A name that is taken gets `_2`, `_3`, …. Past `limit` metadata stays with CourierX,
 * which shows the originals in any case.
 */
export function toNameValueTags(message: OutgoingMessage, limit: number): NameValueTag[] {
  const { emailId, attemptNumber, tags, metadata } = message;
  const wanted: [string, unknown][] = [
    [EMAIL_ID_TAG, emailId],
    [ATTEMPT_TAG, attemptNumber],
    ...tags.map((tag): [string, string] => ['tag', tag]),
    ...Object.entries(metadata),
  ];
  const taken = new Set<string>();
  return wanted.slice(0, limit).map(([key, value]) => {
    const name = freeName(sanitize(key), taken);
    taken.add(name);
    return { name, value: sanitize(toText(value)) };
  });
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function sanitize(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]/gu, '_').slice(0, MAX_LENGTH) || '_';
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `_${number}`;
    const candidate = name.slice(0, MAX_LENGTH - suffix.length) + suffix;
    if (!taken.has(candidate)) return candidate;
  }
}
