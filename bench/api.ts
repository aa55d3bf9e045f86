/** A running server and an account's token. */
export type Target = { readonly url: string; readonly token: string | null };

export async function post<T>({ url, token }: Target, path: string, body: object): Promise<T> {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token !== null && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Makes an account and resolves to an API key of it. */
export async function signUp(url: string): Promise<string> {
  const password = 'correct horse battery staple';
  const account = { name: 'Bench', email: `${crypto.randomUUID()}@example.com`, password };
  const body = { ...account, password_confirmation: password };
  const { token } = await post<{ token: string }>({ url, token: null }, '/auth/register', body);
  const { raw_key: key } = await post<{ raw_key: string }>({ url, token }, '/api_keys', {
    name: 'bench',
  });
  return key;
}
