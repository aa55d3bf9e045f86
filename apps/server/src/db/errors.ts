/** SQLSTATE classes that say: the database can't serve now, nothing was stored, try again. */
const UNAVAILABLE_CLASSES = ['08', '28', '3D', '53', '57', '58'];
/** A standby that has not been promoted yet refuses every write. */
const READ_ONLY = '25006';
/** Lost against a concurrent transaction: nothing was stored, and the same again may succeed. */
const CONFLICTS = ['40001', '40P01', '55P03'];
const NETWORK_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
];

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** True when the database is stopped, restarting, unreachable, full or out of connections. */
export function isDatabaseUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (NETWORK_CODES.includes(code) || code === READ_ONLY) return true;
  if (code.length === 5 && UNAVAILABLE_CLASSES.includes(code.slice(0, 2))) return true;
  // pg and its pool give some connection losses no code.
  return (
    error instanceof Error &&
    code === '' &&
    /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout|Client has encountered a connection error|Cannot use a pool after calling end|driver has already been destroyed)/.test(
      error.message,
    )
  );
}

/** True when a concurrent transaction won and the statement should simply be run again. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.includes(codeOf(error));
}

/** True when a value was refused: not of its type, too large, against a rule. The same fails again. */
export function isBadValue(error: unknown): boolean {
  const code = codeOf(error);
  return code.length === 5 && ['22', '23'].includes(code.slice(0, 2));
}

/** True when a unique key was violated. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === '23505';
}
