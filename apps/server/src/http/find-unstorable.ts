const MAX_DEPTH = 50;
/** Several times what the largest email has; without a bound, faults could fill the memory. */
const MAX_VALUES = 20_000;

type Container = { readonly value: object; readonly path: string; readonly depth: number };

/**
 * Finds what PostgreSQL can't keep as text or JSON: a NUL, half a surrogate pair, nesting past any
 * use; and more values than any request has. Returns a sentence that names the place, or null.
 */
export function findUnstorable(root: unknown): string | null {
  if (typeof root === 'string') return findInText(root, 'The body');
  if (!isContainer(root)) return null;
  const open: Container[] = [{ value: root, path: '', depth: 0 }];
  let count = 0;
  for (let container = open.pop(); container; container = open.pop()) {
    const { value, path, depth } = container;
    if (depth > MAX_DEPTH) return `${shorten(path)} is nested too deeply`;
    // Not Object.entries: of an array of millions it would make as many arrays.
    for (const key in value) {
      count += 1;
      if (count > MAX_VALUES) return 'The body holds too many values';
      if (findInText(key, '') !== null) {
        return `${shorten(path) || 'The body'} has a key with invalid characters`;
      }
      const child = (value as Record<string, unknown>)[key];
      const step = Array.isArray(value) ? `[${key}]` : path === '' ? key : `.${key}`;
      if (isContainer(child)) open.push({ value: child, path: path + step, depth: depth + 1 });
      // What JSON.parse makes of 1e999; written out again it would be null.
      if (child === Infinity || child === -Infinity) {
        return `${shorten(path + step)} is too large a number`;
      }
      if (typeof child !== 'string') continue;
      const fault = findInText(child, shorten(path + step));
      if (fault !== null) return fault;
    }
  }
  return null;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function findInText(text: string, place: string): string | null {
  if (text.includes('\u0000')) return `${place} must not contain NUL characters`;
  return text.isWellFormed() ? null : `${place} contains half of a surrogate pair`;
}

function shorten(path: string): string {
  return path.length > 60 ? `${path.slice(0, 60).toWellFormed()}…` : path;
}
