const MAX_DEPTH = 50;
/** The largest email there can be has some thousand values; a list of a million is an attack. */
const MAX_VALUES = 20_000;

type Place = { readonly value: object; readonly path: string; readonly depth: number };

/**
 * Finds what PostgreSQL can't keep as text or JSON (a NUL, half a surrogate pair), nesting past any
 * use, and more values than any request has. Returns a sentence that names the place, or null.
 */
export function findUnstorable(root: unknown): string | null {
  if (typeof root === 'string') return prefix('', findInText(root));
  const places: Place[] = isObject(root) ? [{ value: root, path: '', depth: 0 }] : [];
  let count = 0;
  for (let place = places.pop(); place; place = places.pop()) {
    const { value, path, depth } = place;
    if (depth > MAX_DEPTH) return `${shorten(path)} is nested too deeply`;
    // Counted before a single child is looked at: a body of 60 MB can hold millions.
    count += Array.isArray(value) ? value.length : Object.keys(value).length;
    if (count > MAX_VALUES) {
      return `${path === '' ? 'The body' : shorten(path)} has too many values`;
    }
    const fault = findInChildren(place, places);
    if (fault !== null) return fault;
  }
  return null;
}

function findInChildren({ value, path, depth }: Place, places: Place[]): string | null {
  const isArray = Array.isArray(value);
  for (const [key, child] of Object.entries(value) as [string, unknown][]) {
    if (!isArray && findInText(key) !== null) {
      return prefix(path, 'has a key with invalid characters');
    }
    const step = isArray ? `[${key}]` : path === '' ? key : `.${key}`;
    // What JSON.parse makes of 1e999; written out again it would be null.
    if (child === Infinity || child === -Infinity) {
      return prefix(path + step, 'is too large a number');
    }
    if (typeof child === 'string') {
      const fault = findInText(child);
      if (fault !== null) return prefix(path + step, fault);
    } else if (isObject(child)) places.push({ value: child, path: path + step, depth: depth + 1 });
  }
  return null;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function findInText(text: string): string | null {
  if (text.includes('\u0000')) return 'must not contain NUL characters';
  return text.isWellFormed() ? null : 'contains half of a surrogate pair';
}

function prefix(path: string, fault: string | null): string | null {
  return fault === null ? null : `${path === '' ? 'The body' : shorten(path)} ${fault}`;
}

function shorten(path: string): string {
  return path.length > 60 ? `${path.slice(0, 60).toWellFormed()}…` : path;
}
