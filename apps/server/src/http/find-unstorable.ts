const MAX_DEPTH = 50;

/**
 * Finds what PostgreSQL can't keep as text or JSON: a NUL, half a surrogate pair, nesting past any
 * use. Returns a sentence that names the place, or null.
 */
export function findUnstorable(root: unknown): string | null {
  const stack: { value: unknown; path: string; depth: number }[] = [
    { value: root, path: '', depth: 0 },
  ];
  for (let entry = stack.pop(); entry; entry = stack.pop()) {
    const { value, path, depth } = entry;
    if (typeof value === 'string') {
      const fault = findInText(value);
      if (fault !== null) return `${path || 'The body'} ${fault}`;
    } else if (typeof value === 'object' && value !== null) {
      if (depth > MAX_DEPTH) return `${shorten(path)} is nested too deeply`;
      for (const [key, child] of Object.entries(value)) {
        if (findInText(key) !== null) {
          return `${path || 'The body'} has a key with invalid characters`;
        }
        const step = Array.isArray(value) ? `[${key}]` : path === '' ? key : `.${key}`;
        stack.push({ value: child, path: path + step, depth: depth + 1 });
      }
    }
  }
  return null;
}

function findInText(text: string): string | null {
  if (text.includes('\u0000')) return 'must not contain NUL characters';
  return text.isWellFormed() ? null : 'contains half of a surrogate pair';
}

function shorten(path: string): string {
  return path.length > 60 ? `${path.slice(0, 60)}…` : path;
}
