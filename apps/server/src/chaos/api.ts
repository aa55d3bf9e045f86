/** No answer came, or one that says "later": the same may be asked again. */
export class NoAnswerError extends Error {}

export type Call = {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
};

const TIMEOUT_MS = 10_000;

/** One request to one api process; throws {@link NoAnswerError} where a client tries again. */
export async function callApi<T>(url: string, { method, path, token, body }: Call): Promise<T> {
  const { status, text } = await request(url, { method, path, ...(token && { token }), body });
  if (status === 429 || status >= 500) throw new NoAnswerError(`${status} ${text}`);
  if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
  return JSON.parse(text) as T;
}

async function request(url: string, { method, path, token, body }: Call) {
  try {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new NoAnswerError('no answer', { cause: error });
  }
}
