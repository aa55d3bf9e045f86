/** What is under these names is the caller's own, and keeps its spelling. */
const OPAQUE = new Set(['metadata', 'headers']);

/** `fromName` → `from_name`, in depth. */
export function toWire(value: unknown): unknown {
  return rename(value, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** `from_name` → `fromName`, in depth. */
export function fromWire(value: unknown): unknown {
  return rename(value, (key) =>
    key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
  );
}

function rename(value: unknown, spell: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => rename(item, spell));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [spell(key), OPAQUE.has(key) ? item : rename(item, spell)]),
  );
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
