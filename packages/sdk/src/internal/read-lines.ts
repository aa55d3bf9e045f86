import { ConnectionError } from '../errors.ts';
import { fromWire } from './case.ts';

/** The values of a body with a JSON value a line, as they come. */
export async function* readLines<T>(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<T, void> {
  const reader = body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        // An abort is the caller's own.
        if (error instanceof Error && error.name !== 'TypeError') throw error;
        throw new ConnectionError('The answer broke off', { cause: error });
      });
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split('\n');
      rest = done ? '' : (lines.pop() ?? '');
      for (const line of lines) if (line !== '') yield fromWire(JSON.parse(line)) as T;
      if (done) return;
    }
  } finally {
    // Also where the caller has seen enough.
    await reader.cancel().catch(() => undefined);
  }
}
