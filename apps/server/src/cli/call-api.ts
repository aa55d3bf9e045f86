/** Which server is called, as whom. */
export type ApiTarget = { readonly baseUrl: string; readonly apiKey: string };

export type ApiCall = {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
};

/** One call of our own API; throws an error whose message a person can act on. */
export async function callApi<T>(target: ApiTarget, call: ApiCall): Promise<T> {
  const response = await request(target, call);
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as T;
  throw new Error(`${response.status} ${faultsIn(text)}`);
}

async function request(target: ApiTarget, { method, path, body }: ApiCall): Promise<Response> {
  try {
    return await fetch(`${target.baseUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${target.apiKey}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  } catch (error) {
    throw new Error(`No answer from ${target.baseUrl}. Is it running? Start it with: npm start`, {
      cause: error,
    });
  }
}

function faultsIn(text: string): string {
  try {
    const answer = JSON.parse(text) as { error?: string; errors?: string[] };
    return answer.error ?? answer.errors?.join('; ') ?? text;
  } catch {
    return text.slice(0, 200);
  }
}
