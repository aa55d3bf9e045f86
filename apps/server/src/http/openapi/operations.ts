import { EMAIL_LIMITS } from '@courierx/contract';
import type { Operation } from './operation.ts';
import { WEBHOOK_OPERATIONS } from './webhook-operations.ts';
import { DASHBOARD_OPERATIONS } from './dashboard-operations.ts';

const CONNECTION_EXAMPLE = {
  provider: 'sendgrid',
  display_name: 'SendGrid Primary',
  priority: 1,
  api_key: 'SG.your-sendgrid-key',
};

/** By method and path, as the routes are declared. A route without an entry fails the tests. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...WEBHOOK_OPERATIONS,
  ...DASHBOARD_OPERATIONS,
  'POST /api/v1/auth/register': {
    id: 'register',
    tag: 'Authentication',
    summary: 'Create an account',
    description: 'Answers a session token that is good for 24 hours.',
    example: {
      name: 'My App',
      email: 'you@example.com',
      password: 'correct horse battery',
      password_confirmation: 'correct horse battery',
    },
    isOpen: true,
    refusals: [429],
  },
  'POST /api/v1/auth/login': {
    id: 'login',
    tag: 'Authentication',
    summary: 'Log in',
    description: 'The answer is the same for an unknown address and for a wrong password.',
    example: { email: 'you@example.com', password: 'correct horse battery' },
    isOpen: true,
    refusals: [401, 429],
  },
  'GET /api/v1/auth/me': {
    id: 'getAccount',
    tag: 'Authentication',
    summary: 'Get the account of the token',
  },
  'PATCH /api/v1/auth/me': {
    id: 'updateAccount',
    tag: 'Authentication',
    summary: 'Change the account and its policies',
    example: { on_unknown: 'hold' },
  },
  'DELETE /api/v1/auth/me': {
    id: 'deleteAccount',
    tag: 'Authentication',
    summary: 'Delete the account with everything in it',
    description: 'It is shut at once; what is stored goes in the background. There is no way back.',
    example: { password: 'correct horse battery' },
  },
  'POST /api/v1/emails': {
    id: 'sendEmail',
    tag: 'Emails',
    summary: 'Send an email',
    description:
      'Answered 202 once the email is stored durably. The same idempotency key within 24 hours ' +
      'answers the first email again, with `Idempotency-Replayed: true`. A recipient on the ' +
      'suppression list gets no mail, and no provider is asked.',
    example: {
      from_email: 'hello@yourapp.com',
      to_email: 'user@example.com',
      subject: 'Hello from CourierX',
      html_body: '<h1>It works!</h1>',
      tags: ['welcome'],
      metadata: { idempotency_key: 'welcome-1234' },
    },
    headers: {
      'Idempotency-Key': {
        description: 'As `metadata.idempotency_key`; give one of the two.',
        schema: { type: 'string', minLength: 1, maxLength: EMAIL_LIMITS.idempotencyKeyLength },
      },
    },
  },
  'GET /api/v1/emails': {
    id: 'listEmails',
    tag: 'Emails',
    summary: 'List emails, newest first',
    description:
      'For deep reads follow `Link: rel="next"` with its cursor instead of counting pages.',
  },
  'GET /api/v1/emails/:id': {
    id: 'getEmail',
    tag: 'Emails',
    summary: 'Get an email with its events and attempts',
  },
  'POST /api/v1/emails/:id/release': {
    id: 'releaseEmail',
    tag: 'Emails',
    summary: 'Decide on an email that is held',
    description:
      'An email whose last attempt may have left, of an account whose `on_unknown` is `hold`, waits. ' +
      '`resend` sends it again; `give_up` lets it fail.',
    example: { action: 'resend' },
  },
  'POST /api/v1/api_keys': {
    id: 'createApiKey',
    tag: 'API keys',
    summary: 'Create an API key',
    description: '`raw_key` is in this answer and nowhere else.',
    example: { name: 'My first key' },
  },
  'GET /api/v1/api_keys': { id: 'listApiKeys', tag: 'API keys', summary: 'List API keys' },
  'PATCH /api/v1/api_keys/:id/revoke': {
    id: 'revokeApiKey',
    tag: 'API keys',
    summary: 'Revoke an API key',
  },
  'DELETE /api/v1/api_keys/:id': {
    id: 'deleteApiKey',
    tag: 'API keys',
    summary: 'Delete an API key',
  },
  'POST /api/v1/provider_connections': {
    id: 'createProviderConnection',
    tag: 'Provider connections',
    summary: 'Connect a provider account',
    description:
      'The credentials are tried at once. Refused ones are answered 422 and not stored; where the ' +
      'provider can not be reached they are stored as `unverified` and tried again.',
    example: CONNECTION_EXAMPLE,
  },
  'GET /api/v1/provider_connections': {
    id: 'listProviderConnections',
    tag: 'Provider connections',
    summary: 'List connections, in the order they are tried',
  },
  'GET /api/v1/provider_connections/usage': {
    id: 'listProviderConnectionUsage',
    tag: 'Provider connections',
    summary: 'What each connection was used for lately',
    description:
      'Shares and latency over the newest 1,000 attempts of the account, and what is used up of the ' +
      'daily and monthly caps. In the order in which connections are tried.',
  },
  'POST /api/v1/provider_connections/reorder': {
    id: 'reorderProviderConnections',
    tag: 'Provider connections',
    summary: 'Change the order in which connections are tried',
    description:
      'Takes the ids of all connections, the one to try first in front. Their priorities become 1, 2, ' +
      '3 and so on, all at once; where one is missing or unknown, nothing changes.',
    example: {
      ids: ['0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1b', '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a'],
    },
  },
  'GET /api/v1/provider_connections/:id': {
    id: 'getProviderConnection',
    tag: 'Provider connections',
    summary: 'Get a connection',
  },
  'PATCH /api/v1/provider_connections/:id': {
    id: 'updateProviderConnection',
    tag: 'Provider connections',
    summary: 'Change a connection or rotate its credentials',
    example: { priority: 2 },
  },
  'POST /api/v1/provider_connections/:id/verify': {
    id: 'verifyProviderConnection',
    tag: 'Provider connections',
    summary: 'Ask the provider whether the credentials are good',
    description: 'Sends nothing.',
  },
  'POST /api/v1/provider_connections/:id/setup_webhook': {
    id: 'setUpProviderWebhook',
    tag: 'Provider connections',
    summary: "Set up the provider's events",
    description:
      "Makes the webhook on your account with the provider, touching only CourierX's own, or says " +
      'what to do by hand.',
    refusals: [422],
  },
  'DELETE /api/v1/provider_connections/:id': {
    id: 'deleteProviderConnection',
    tag: 'Provider connections',
    summary: 'Disconnect a provider account',
  },
  'POST /api/v1/routing_rules': {
    id: 'createRoutingRule',
    tag: 'Routing rules',
    summary: 'Create a routing rule',
    description:
      'The rule whose `match` has the most parts takes a mail, then the one with the lowest ' +
      '`position`. Without a match it is the default. `warnings` say what keeps it from working.',
    example: {
      name: 'Newsletters',
      match: { tag: 'newsletter' },
      strategy: 'weighted',
      connections: [
        { connection_id: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a', weight: 70 },
        { connection_id: '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1b', weight: 30 },
      ],
    },
  },
  'GET /api/v1/routing_rules': {
    id: 'listRoutingRules',
    tag: 'Routing rules',
    summary: 'List routing rules by position',
  },
  'POST /api/v1/routing_rules/reorder': {
    id: 'reorderRoutingRules',
    tag: 'Routing rules',
    summary: 'Change the order of routing rules',
    description:
      'Takes the ids of all rules. Their positions become 1, 2, 3 and so on, all at once; where one ' +
      'is missing or unknown, nothing changes.',
    example: {
      ids: ['0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1d', '0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1c'],
    },
  },
  'GET /api/v1/routing_rules/:id': {
    id: 'getRoutingRule',
    tag: 'Routing rules',
    summary: 'Get a routing rule',
  },
  'PATCH /api/v1/routing_rules/:id': {
    id: 'updateRoutingRule',
    tag: 'Routing rules',
    summary: 'Change a routing rule',
    description: '`match` and `connections` replace what was there as a whole.',
    example: { enabled: false },
  },
  'DELETE /api/v1/routing_rules/:id': {
    id: 'deleteRoutingRule',
    tag: 'Routing rules',
    summary: 'Delete a routing rule',
    description: 'Waiting mail is routed anew.',
  },
  'POST /api/v1/routing_rules/explain': {
    id: 'explainRoute',
    tag: 'Routing rules',
    summary: 'Ask where a mail would go',
    description:
      'Takes an email as it would be sent; only its sender and recipients are required. Sends nothing.',
    example: {
      from_email: 'hello@yourapp.com',
      to_email: 'user@example.com',
      tags: ['newsletter'],
    },
  },
  'POST /api/v1/domains': {
    id: 'addDomain',
    tag: 'Domains',
    summary: 'Register a sending domain',
    description: 'Put `verification_token` into a TXT record at `_courierx.` below the domain.',
    example: { domain: 'mail.yourapp.com' },
  },
  'GET /api/v1/domains': { id: 'listDomains', tag: 'Domains', summary: 'List domains by name' },
  'GET /api/v1/domains/:id': { id: 'getDomain', tag: 'Domains', summary: 'Get a domain' },
  'POST /api/v1/domains/:id/verify': {
    id: 'verifyDomain',
    tag: 'Domains',
    summary: 'Look for the token in the DNS',
    description:
      'Answers the domain as it then stands; `verification` says what was found. CourierX looks ' +
      'by itself too.',
  },
  'DELETE /api/v1/domains/:id': {
    id: 'deleteDomain',
    tag: 'Domains',
    summary: 'Remove a domain',
  },
  'GET /api/v1/dashboard/metrics': {
    id: 'getDashboardMetrics',
    tag: 'Analytics',
    summary: 'Get totals, rates and days of a period',
    description: 'The period ends today, in UTC. Mail of test keys is not counted.',
  },
  'GET /api/v1/usage_stats': {
    id: 'listUsageStats',
    tag: 'Analytics',
    summary: 'List figures by day and provider',
    description: 'Each day of the range for each provider that was used in it; at most 400 days.',
  },
  'GET /api/v1/audit_log': {
    id: 'listAuditLog',
    tag: 'Audit log',
    summary: 'List changes, newest first',
  },
  'POST /api/v1/suppressions': {
    id: 'addSuppression',
    tag: 'Suppressions',
    summary: 'Suppress an address',
    example: {
      email: 'bad-address@example.com',
      reason: 'manual',
      note: 'Customer requested removal',
    },
  },
  'GET /api/v1/suppressions': {
    id: 'listSuppressions',
    tag: 'Suppressions',
    summary: 'List suppressions',
  },
  'GET /api/v1/suppressions/counts': {
    id: 'countSuppressions',
    tag: 'Suppressions',
    summary: 'Count suppressions, in all and by reason',
  },
  'POST /api/v1/suppressions/import': {
    id: 'importSuppressions',
    tag: 'Suppressions',
    summary: 'Import a list',
    description:
      'As `text/csv`, `application/x-ndjson` or a JSON list. Lines that are no entry are reported, ' +
      'the rest goes in. With `Accept: application/x-ndjson` the answer has a line for each batch, ' +
      'with all that was wrong in it.',
    body: {
      'text/csv': {
        schema: { type: 'string' },
        example: 'email,reason,note\nbad-address@example.com,manual,Asked to',
      },
      'application/x-ndjson': { schema: { type: 'string' } },
      'application/json': {
        schema: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object' }] } },
        example: ['bad-address@example.com'],
      },
    },
  },
  'GET /api/v1/suppressions/export': {
    id: 'exportSuppressions',
    tag: 'Suppressions',
    summary: 'Export the whole list as CSV, JSON or NDJSON',
  },
  'DELETE /api/v1/suppressions': {
    id: 'deleteSuppressionsOf',
    tag: 'Suppressions',
    summary: 'Remove an address with all its reasons, or one of them',
    refusals: [404],
  },
  'DELETE /api/v1/suppressions/:id': {
    id: 'deleteSuppression',
    tag: 'Suppressions',
    summary: 'Remove a suppression',
  },
  'POST /api/v1/webhooks/:provider/:token': {
    id: 'receiveProviderWebhook',
    tag: 'Provider connections',
    summary: 'Where a provider sends its events',
    description:
      "Each connection has its own URL (`webhook_url`) and secret. The body is the provider's own; " +
      'its signature is checked, and a forged one is answered 401.',
    isOpen: true,
    body: { '*/*': { schema: {} } },
    refusals: [401],
  },
  'GET /health/live': {
    id: 'getLiveness',
    tag: 'System',
    summary: 'Whether the process runs',
    isOpen: true,
  },
  'GET /health/ready': {
    id: 'getReadiness',
    tag: 'System',
    summary: 'Whether the process can serve',
    isOpen: true,
  },
  'GET /metrics': {
    id: 'getMetrics',
    tag: 'System',
    summary: 'Prometheus metrics',
    isOpen: true,
  },
};
