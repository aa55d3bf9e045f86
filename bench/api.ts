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

export type Account = {
  readonly accountId: string;
  /** A key of it. */
  readonly token: string;
  /** For a browser. */
  readonly credentials: { readonly email: string; readonly password: string };
};

/** An account of its own. */
export async function signUp(url: string): Promise<Account> {
  const password = 'correct horse battery staple';
  const account = { name: 'Bench', email: `${crypto.randomUUID()}@example.com`, password };
  const body = { ...account, password_confirmation: password };
  const session = await post<{ token: string; account: { id: string } }>(
    { url, token: null },
    '/auth/register',
    body,
  );
  const { raw_key: token } = await post<{ raw_key: string }>(
    { url, token: session.token },
    '/api_keys',
    { name: 'bench' },
  );
  return { accountId: session.account.id, token, credentials: { email: account.email, password } };
}
