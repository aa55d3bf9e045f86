import type { EmailDetail } from '@courierx/contract';
import { waitFor } from './wait-for.ts';

export type Answer<T> = { readonly status: number; readonly body: T; readonly headers: Headers };

/** Calls a running server as a client would. */
export class ApiClient {
  readonly url: string;
  token: string | null = null;

  constructor(url: string, token: string | null = null) {
    this.url = url;
    this.token = token;
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token !== null && { authorization: `Bearer ${this.token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    const parsed = (text === '' ? null : JSON.parse(text)) as T;
    return { status: response.status, body: parsed, headers: response.headers };
  }

  /** The same, for calls that must succeed. */
  async ok<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(method, path, body);
    if (answer.status >= 300) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  /** Makes an account and goes on as one of its API keys. */
  async signUp(): Promise<void> {
    const password = 'correct horse battery staple';
    const { token } = await this.ok<{ token: string }>('POST', '/auth/register', {
      name: 'Test',
      email: `test-${crypto.randomUUID()}@example.com`,
      password,
      password_confirmation: password,
    });
    this.token = token;
    const key = await this.ok<{ raw_key: string }>('POST', '/api_keys', { name: 'test' });
    this.token = key.raw_key;
  }

  async send(over: Record<string, unknown> = {}): Promise<{ id: string; status: string }> {
    return this.ok('POST', '/emails', {
      from: 'hello@yourapp.example',
      to: 'user@example.com',
      subject: 'Hello',
      text: 'It works',
      ...over,
    });
  }

  email(id: string): Promise<EmailDetail> {
    return this.ok('GET', `/emails/${id}`);
  }

  /** Resolves when an attempt of the email is on record with its outcome. */
  async waitForAttempt(id: string): Promise<void> {
    await waitFor(
      async () => {
        const email = await this.ok<EmailDetail>('GET', `/emails/${id}`);
        return email.attempts.some(({ outcome }) => outcome !== null);
      },
      { what: `an attempt at email ${id}` },
    );
  }

  /** The email once its sending is over. */
  settled(id: string, timeoutMs = 20_000): Promise<EmailDetail> {
    return waitFor(
      async () => {
        const email = await this.ok<EmailDetail>('GET', `/emails/${id}`);
        return email.status !== 'queued' && email;
      },
      { timeoutMs, what: `email ${id} to be settled` },
    );
  }
}
