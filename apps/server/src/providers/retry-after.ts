const MIN_MS = 1_000;
const MAX_MS = 60 * 60_000;

/**
 * The wait a rate-limited answer asks for: `Retry-After` (seconds or a date), else
 * `X-RateLimit-Reset` (unix seconds). Between one second and one hour.
 */
export function retryAfterMsOf(headers: Readonly<Record<string, string>>, now: Date): number {
  const wait = readRetryAfter(headers['retry-after'], now) ?? readReset(headers, now) ?? MIN_MS;
  return Math.min(MAX_MS, Math.max(MIN_MS, Math.ceil(wait)));
}

function readRetryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}(\.\d+)?$/.test(value.trim())) return Number(value) * 1000;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time - now.getTime();
}

function readReset(headers: Readonly<Record<string, string>>, now: Date): number | null {
  const reset = headers['x-ratelimit-reset'];
  return reset !== undefined && /^\d{9,11}$/.test(reset)
    ? Number(reset) * 1000 - now.getTime()
    : null;
}
