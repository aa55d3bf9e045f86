import type { FastifyInstance, InjectOptions } from 'fastify';
import { expect } from 'vitest';

export type ApiAnswer<T> = {
  readonly status: number;
  readonly body: T;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
};

export type ErrorAnswer = {
  readonly error?: string;
  readonly errors?: readonly string[];
  readonly code: string;
  readonly request_id: string;
};

export type CallOptions = {
  body?: unknown;
  /** Sent as it is. */
  payload?: string | Buffer;
  headers?: Record<string, string>;
};

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT' | 'HEAD' | 'OPTIONS';

/** Calls the app in process and holds every answer to what all answers have in common. */
export class ApiCaller {
  readonly token: string | null;
  readonly #app: FastifyInstance;

  constructor(app: FastifyInstance, token: string | null) {
    this.#app = app;
    this.token = token;
  }

  get<T>(path: string, options: CallOptions = {}) {
    return this.call<T>('GET', path, options);
  }

  post<T>(path: string, body?: unknown, options: CallOptions = {}) {
    return this.call<T>('POST', path, { ...options, ...(body !== undefined && { body }) });
  }

  patch<T>(path: string, body?: unknown, options: CallOptions = {}) {
    return this.call<T>('PATCH', path, { ...options, ...(body !== undefined && { body }) });
  }

  delete<T>(path: string, options: CallOptions = {}) {
    return this.call<T>('DELETE', path, options);
  }

  /** Paths are below /api/v1 unless they begin with a host's root: `~/health/live`. */
  async call<T>(method: Method, path: string, options: CallOptions = {}): Promise<ApiAnswer<T>> {
    const { body, payload } = options;
    const sent = payload ?? (body === undefined ? undefined : JSON.stringify(body));
    const request: InjectOptions = {
      method,
      url: path.startsWith('~') ? path.slice(1) : `/api/v1${path}`,
      headers: {
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(sent !== undefined && { payload: sent }),
    };
    const response = await this.#app.inject(request);
    const text = response.body;
    const isJson = String(response.headers['content-type']).startsWith('application/json');
    const answer = {
      status: response.statusCode,
      body: (isJson && text !== '' ? JSON.parse(text) : null) as T,
      text,
      headers: response.headers as Record<string, string | undefined>,
    };
    expect(answer.headers['x-request-id'], `${method} ${path}`).toMatch(/^[\w-]{1,64}$/);
    if (answer.status >= 400 && method !== 'HEAD') expectErrorShape(answer);
    return answer;
  }
}

/** `{ errors, code, request_id }` for a 422, `{ error, code, request_id }` for all else. */
function expectErrorShape(answer: ApiAnswer<unknown>): void {
  const { body, status, headers } = answer as ApiAnswer<ErrorAnswer | null>;
  const what = status === 422 ? 'errors' : 'error';
  expect(Object.keys(body ?? {}), answer.text).toEqual([what, 'code', 'request_id']);
  expect(body?.code).toMatch(/^[a-z_]+$/);
  expect(body?.request_id).toBe(headers['x-request-id']);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  if (status === 422) {
    expect(body?.errors?.length).toBeGreaterThan(0);
    expect(new Set(body?.errors).size, 'each fault once').toBe(body?.errors?.length);
  } else expect(body?.error).toMatch(/\S/);
}

/** The faults of a 422. */
export function faultsOf(answer: ApiAnswer<unknown>): readonly string[] {
  expect(answer.status, answer.text).toBe(422);
  return (answer.body as ErrorAnswer).errors ?? [];
}

/** The one sentence of every other refusal. */
export function errorOf(answer: ApiAnswer<unknown>): string | undefined {
  return (answer.body as ErrorAnswer).error;
}
