import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import type { Tracer } from '../lib/tracer.ts';
import type { ServiceDeps } from '../services/context.ts';
import type { Acceptor } from '../services/emails/accept.ts';
import type { AccountLimiter } from '../services/rate-limits/account-limiter.ts';
import type { ReceivedRequest, Reception } from '../events/receive.ts';
import type { ExplainRoute } from '../services/routing-rules/explain-route.ts';
import type { Authenticator } from '../services/sessions/authenticate.ts';

/** What the HTTP side is given by the composition root. */
export type HttpDeps = {
  readonly services: ServiceDeps & {
    readonly acceptor: Acceptor;
    readonly explainRoute: ExplainRoute;
  };
  readonly authenticator: Authenticator;
  readonly limiter: AccountLimiter;
  readonly authRateLimitPerMinute: number;
  /** Null: told from each request's Host. */
  readonly publicUrl: string | null;
  /** Addresses whose X-Forwarded-* headers are believed; none unless given. */
  readonly trustedProxies?: readonly string[];
  /** Takes what a provider sends to a connection's webhook URL. */
  readonly receiveWebhook: (received: ReceivedRequest) => Promise<Reception>;
  /** Where the built dashboard is, or will be; absent: it is not served. */
  readonly dashboardRoot?: string | null;
  readonly log: FastifyBaseLogger;
  readonly registry: Registry;
  readonly tracer?: Tracer;
  /** Whether the API's own port shows the metrics, too; it does unless told otherwise. */
  readonly hasMetrics?: boolean;
};
