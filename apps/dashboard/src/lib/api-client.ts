import { noteReach, probe } from './reach.ts';

const BASE = '/api/v1';
const MAX_PER_PAGE = 100;
/** Of a proxy whose server is away, or of a server that starts or ends. */
const NO_ANSWER = [502, 503, 504];

/** What the API answered instead of what was asked; `status` 0: it did not answer. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string | null;
  /** Every fault of a 422; else the one message. */
  readonly errors: readonly string[];
  readonly requestId: string | null;

  constructor(answer: {
    status: number;
    errors: readonly string[];
    code?: string | null;
    requestId?: string | null;
  }) {
    super(answer.errors.join(' '));
    this.name = 'ApiError';
    this.status = answer.status;
    this.errors = answer.errors;
    this.code = answer.code ?? null;
    this.requestId = answer.requestId ?? null;
  }
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
type Options = {
  readonly query?: Query;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
};

/** One page of a list. */
export type Page<T> = {
  readonly items: readonly T[];
  /** Null where the API does not count. */
  readonly total: number | null;
  /** For the `cursor` of the next page; null at the end. */
  readonly nextCursor: string | null;
};

/** A cursor beyond every id. With one nothing is counted, which would take longer than the page. */
export const NEWEST = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

/** Calls the API with the session's cookie. Throws {@link ApiError}. */
export async function callApi<T>(method: Method, path: string, options?: Options): Promise<T> {
  const response = await send(method, path, options ?? {});
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** As {@link callApi}, for what is no JSON. */
export async function callApiForText(path: string, options?: Options): Promise<string> {
  return (await send('GET', path, options ?? {})).text();
}

export async function callApiForBytes(path: string, options?: Options): Promise<ArrayBuffer> {
  return (await send('GET', path, options ?? {})).arrayBuffer();
}

/** Reads one page of a list. */
export async function getPage<T>(path: string, options?: Options): Promise<Page<T>> {
  const response = await send('GET', path, options ?? {});
  const total = response.headers.get('x-total-count');
  return {
    items: (await response.json()) as T[],
    total: total === null ? null : Number(total),
    nextCursor: readNextCursor(response.headers.get('link')),
  };
}

/** Reads a list to its end, for those of which there are never very many. */
export async function getAll<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; ; page += 1) {
    const read = await getPage<T>(path, { query: { per_page: MAX_PER_PAGE, page }, signal });
    items.push(...read.items);
    if (read.items.length < MAX_PER_PAGE || items.length === read.total) return items;
  }
}

/** The URL of a call, for a frame or a download. */
export function urlOf(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return given.length === 0 ? `${BASE}${path}` : `${BASE}${path}?${search}`;
}

async function send(method: Method, path: string, options: Options): Promise<Response> {
  const headers = new Headers({ accept: 'application/json', ...options.headers });
  if (method !== 'GET') headers.set('x-courierx-csrf', '1');
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (options.signal !== undefined) init.signal = options.signal;
  if (options.body !== undefined) {
    headers.set('content-type', 'application/json');
    init.body = JSON.stringify(options.body);
  }
  const response = await fetch(urlOf(path, options.query), init).catch((error: unknown) => {
    if (options.signal?.aborted === true) throw error;
    noteReach(false);
    throw new ApiError({ status: 0, errors: ['The server can’t be reached.'] });
  });
  if (!NO_ANSWER.includes(response.status)) noteReach(true);
  else void probe();
  if (!response.ok) throw await readError(response);
  return response;
}

async function readError(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as {
    error?: string;
    errors?: string[];
    code?: string;
  };
  const fallback = `The server answered ${response.status}.`;
  return new ApiError({
    status: response.status,
    errors: body.errors ?? [body.error ?? fallback],
    code: body.code ?? null,
    requestId: response.headers.get('x-request-id'),
  });
}

function readNextCursor(link: string | null): string | null {
  const next = link?.split(',').find((part) => part.includes('rel="next"'));
  const url = next?.match(/<([^>]+)>/)?.[1];
  return url === undefined ? null : new URL(url, location.origin).searchParams.get('cursor');
}
