const MAX_LENGTH = 500;

/** A provider's words as a timeline shows them: one line, bounded, and without the secrets given. */
export function toDetail(text: string, secrets: readonly (string | undefined)[] = []): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it is for
  let line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  for (const secret of secrets) {
    if (secret !== undefined && secret.length >= 4) line = line.replaceAll(secret, '[redacted]');
  }
  // Well-formed last: the cut may go through a pair.
  if (line.length > MAX_LENGTH) line = `${line.slice(0, MAX_LENGTH - 1)}…`;
  return line.toWellFormed();
}
