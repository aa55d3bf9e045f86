/** An enhanced status code (RFC 3463) of class 2, 4 or 5 in a field or a diagnostic text. */
export function readEnhancedStatus(text: string | null): string | null {
  return /(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(text ?? '')?.[1] ?? null;
}

/** The SMTP reply code that a diagnostic begins with, as in `smtp; 550 5.1.1 user unknown`. */
export function readReplyCode(text: string | null): number | null {
  const code = /^(?:[a-z0-9-]+;\s*)?([245]\d\d)(?=[\s-]|$)/i.exec((text ?? '').trim())?.[1];
  return code === undefined ? null : Number(code);
}

/** A provider's time; null for what is none, or beyond what a database holds. */
export function readDate(value: unknown): Date | null {
  if (typeof value !== 'string' || value.length > 64) return null;
  // Amazon writes some times with a space before the offset.
  const date = new Date(value.replace(/ (?=[+-]\d{4}$)/, ''));
  const year = date.getUTCFullYear();
  return year >= 2000 && year < 2200 ? date : null;
}
