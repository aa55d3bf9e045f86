import type { SuppressionImport, SuppressionReason } from '@courierx/contract';
import { ApiError, urlOf } from '../../../lib/api-client.ts';

export type ImportFormat = 'csv' | 'json' | 'ndjson';
const TYPES: Readonly<Record<ImportFormat, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  ndjson: 'application/x-ndjson',
};

export type ImportProgress = {
  /** 0 to 1 of what is uploaded. */
  readonly uploaded: number;
  /** As the server told last. */
  readonly state: SuppressionImport | null;
};

type Input = {
  readonly list: Blob;
  readonly format: ImportFormat;
  readonly reason: SuppressionReason;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ImportProgress) => void;
};

/**
 * Sends a list and follows how it goes. Rejects with {@link ApiError}, also when the server was lost
 * on the way. By `XMLHttpRequest`: `fetch` does not tell how much of an upload is through.
 */
export function importSuppressions(input: Input): Promise<SuppressionImport> {
  const { list, format, reason, signal, onProgress } = input;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let uploaded = 0;
    const tell = () => onProgress({ uploaded, state: lastLine(request.responseText) });
    request.upload.onprogress = ({ loaded, total }) => {
      uploaded = total === 0 ? 1 : loaded / total;
      tell();
    };
    request.onprogress = () => request.status === 200 && tell();
    request.onload = () => {
      const state = request.status === 200 ? lastLine(request.responseText) : null;
      if (state?.done === true) {
        resolve({ ...state, errors: allErrors(request.responseText, state) });
      } else if (request.status === 200) reject(brokenOff(state));
      else reject(readError(request));
    };
    request.onerror = () => reject(brokenOff(lastLine(request.responseText)));
    request.onabort = () => reject(stopped(lastLine(request.responseText)));
    signal.addEventListener('abort', () => request.abort());
    request.open('POST', urlOf('/suppressions/import', { reason }));
    request.setRequestHeader('accept', 'application/x-ndjson');
    request.setRequestHeader('content-type', TYPES[format]);
    request.setRequestHeader('x-courierx-csrf', '1');
    request.send(list);
  });
}

/** The last line has the first of them only; those before it have them all, batch by batch. */
function allErrors(text: string, last: SuppressionImport): SuppressionImport['errors'] {
  if (last.errors.length === last.failed) return last.errors;
  const states = text.trim().split('\n').slice(0, -1);
  return states.flatMap((line) => (JSON.parse(line) as SuppressionImport).errors);
}

/** The last line that is whole. */
function lastLine(text: string): SuppressionImport | null {
  const line = text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1) ?? '';
  return line.startsWith('{') ? (JSON.parse(line) as SuppressionImport) : null;
}

const STAYS = 'What went in stays; sending the whole list again does no harm.';

function brokenOff(state: SuppressionImport | null): ApiError {
  const where = state === null ? '' : ` after line ${state.lines}`;
  return new ApiError({ status: 0, errors: [`The import broke off${where}. ${STAYS}`] });
}

function stopped(state: SuppressionImport | null): ApiError {
  const where = state === null ? '' : ` after line ${state.lines}`;
  return new ApiError({ status: 0, errors: [`You stopped the import${where}. ${STAYS}`] });
}

function readError({ status, responseText }: XMLHttpRequest): ApiError {
  const fallback = `The server answered ${status}.`;
  try {
    const { error, errors } = JSON.parse(responseText) as { error?: string; errors?: string[] };
    return new ApiError({ status, errors: errors ?? [error ?? fallback] });
  } catch {
    return new ApiError({ status, errors: [fallback] });
  }
}
