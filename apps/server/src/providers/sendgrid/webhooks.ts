import type { ProviderHttp } from '../http.ts';
import { parseJson } from '../json.ts';
import type { ProviderWebhooks } from '../webhooks.ts';
import { readEvents } from './events.ts';
import { setUp } from './setup.ts';
import { checkSecret, verifySignature } from './signature.ts';

/** The webhook secret is the verification key that SendGrid shows: a public one, one a webhook. */
export function createSendGridWebhooks(http: ProviderHttp): ProviderWebhooks {
  return {
    checkSecret,
    verify(request, context) {
      const verdict = verifySignature(request, context);
      if (verdict.kind !== 'genuine') return Promise.resolve(verdict);
      return Promise.resolve(
        Array.isArray(parseJson(request.body.toString('utf8')))
          ? verdict
          : { kind: 'malformed', message: 'The body is not a JSON array' },
      );
    },
    read: ({ body }) => readEvents(body),
    setup: ({ connection, url, signal }) => setUp(http, { connection, url }, signal),
  };
}
