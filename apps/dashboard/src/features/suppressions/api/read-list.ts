import type { ImportFormat } from './import-suppressions.ts';

/** By the file's name, else by how its text begins. */
export function formatOf(name: string | null, start: string): ImportFormat {
  const ending = name?.split('.').at(-1)?.toLowerCase();
  if (ending === 'ndjson' || ending === 'jsonl') return 'ndjson';
  if (ending === 'csv' || ending === 'txt') return 'csv';
  const text = start.trimStart();
  if (text.startsWith('[') || /^\{\s*"suppressions"/.test(text)) return 'json';
  return text.startsWith('{') ? 'ndjson' : 'csv';
}

const NEWLINE = 10;

/** About how many entries it has, to show how far an import is; null where one can't tell. */
export async function countEntries(list: Blob, format: ImportFormat): Promise<number | null> {
  if (format === 'json') return countItems(await list.text());
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of chunksOf(list)) {
    for (const byte of chunk) if (byte === NEWLINE) lines += 1;
    last = chunk.at(-1) ?? last;
  }
  return last === NEWLINE ? lines : lines + 1;
}

async function* chunksOf(list: Blob): AsyncGenerator<Uint8Array> {
  const reader = list.stream().getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
}

function countItems(text: string): number | null {
  try {
    const value = JSON.parse(text) as unknown;
    const items = Array.isArray(value)
      ? value
      : (value as { suppressions?: unknown } | null)?.suppressions;
    return Array.isArray(items) ? items.length : null;
  } catch {
    return null;
  }
}
