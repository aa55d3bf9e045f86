import { IdParams } from '@courierx/contract';
import type { FastifyInstance } from 'fastify';
import { Type, type Static } from 'typebox';
import { getPreview } from '../../services/emails/get-preview.ts';
import type { HttpDeps } from '../deps.ts';

const PreviewQuery = Type.Object(
  {
    remote: Type.Optional(
      Type.Boolean({
        description: 'Pictures of the mail may come from elsewhere.',
        default: false,
      }),
    ),
  },
  { additionalProperties: false },
);
type PreviewQuery = Static<typeof PreviewQuery>;

/**
 * The HTML of a mail for a frame of a page of ours. Its own policy makes it a page of no origin that
 * runs nothing; a link opens in a tab of its own.
 */
export function addEmailPreviewRoute(app: FastifyInstance, { services }: HttpDeps): void {
  app.get<{ Params: IdParams; Querystring: PreviewQuery }>(
    '/emails/:id/preview',
    {
      schema: {
        params: IdParams,
        querystring: PreviewQuery,
        response: { 200: { content: { 'text/html': { schema: Type.String() } } } },
      },
    },
    async ({ principal, params, query }, reply) => {
      const html = await getPreview(services, principal, params.id);
      return reply
        .type('text/html; charset=utf-8')
        .headers({
          'content-security-policy': policy(query.remote === true),
          'x-frame-options': 'SAMEORIGIN',
          'referrer-policy': 'no-referrer',
          'cache-control': 'private, no-store',
        })
        .send(html);
    },
  );
}

function policy(isRemoteAllowed: boolean): string {
  const remote = isRemoteAllowed ? ' https: http:' : '';
  return [
    'sandbox allow-popups allow-popups-to-escape-sandbox',
    "default-src 'none'",
    `style-src 'unsafe-inline'${remote}`,
    `img-src data:${remote}`,
    `font-src data:${remote}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join(';');
}
