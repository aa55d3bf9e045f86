import type { ProviderHttp } from './providers/http.ts';
import { retryAfterMsOf } from './providers/retry-after.ts';
import type { Post } from './webhooks/deps.ts';

/** Posts webhooks as providers are asked: through the guard, and never after a redirect. */
export function createPost(http: ProviderHttp, now: () => Date): Post {
  return async (url, { headers, body }) => {
    const request = { method: 'POST' as const, url, headers, body };
    const response = await http.request(request, new AbortController().signal);
    if (response.kind !== 'answer') {
      return { kind: 'no_answer', error: `${response.reason}: ${response.detail}` };
    }
    const { status } = response;
    const isAsked =
      response.headers['retry-after'] !== undefined && (status === 429 || status === 503);
    const retryAfterMs = isAsked ? retryAfterMsOf(response.headers, now()) : null;
    return { kind: 'answer', status, body: response.body, retryAfterMs };
  };
}
