import type { RouteExplanation } from '@courierx/contract';
import { requirePermission, type Principal, type ServiceDeps } from '../context.ts';
import { normalizeEmail } from '../emails/normalize.ts';
import { invalid } from '../service-error.ts';
import { toMailToRoute, type ExplainedRoute, type ExplainRoute } from './explain-route.ts';
import { loadMembers } from './rows.ts';
import { warningsOf } from './warnings.ts';

export type ExplainDeps = ServiceDeps & { readonly explainRoute: ExplainRoute };

/** Where such a mail would go now, and why not elsewhere. Nothing is sent, no turn is taken. */
export async function explainRouting(
  deps: ExplainDeps,
  principal: Principal,
  input: { readonly body: unknown; readonly schemaFaults: readonly string[] },
): Promise<RouteExplanation> {
  requirePermission(principal, 'read');
  const { faults, email } = normalizeEmail(withContent(input.body), null);
  const all = [...new Set([...input.schemaFaults, ...faults])];
  if (all.length > 0 || !email) throw invalid(all);
  const route = await deps.explainRoute(toMailToRoute(principal, email));
  return {
    rule: route.ruleId === null ? null : await findMatched(deps, principal, route.ruleId),
    rules: describeRules(route),
    connections: route.connections.map((connection) => ({
      connection_id: connection.id,
      display_name: connection.displayName,
      provider: connection.provider,
      decision: connection.decision,
      reason: connection.reason,
      share: connection.share,
      failover_only: connection.isFailoverOnly,
    })),
    waits: route.waits,
    trace: [...route.trace],
  };
}

/** A route does not depend on what a mail says, so it may be left out here. */
function withContent(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const fields = ['html_body', 'html', 'text_body', 'text'];
  const hasBody = Object.entries(body).some(
    ([name, value]) => fields.includes(name) && typeof value === 'string' && value !== '',
  );
  return { subject: '-', ...(hasBody ? {} : { text_body: '-' }), ...body };
}

async function findMatched(
  deps: ServiceDeps,
  { accountId }: Principal,
  id: string,
): Promise<RouteExplanation['rule']> {
  const row = await deps.database.kysely
    .selectFrom('routingRules')
    .selectAll()
    .where('accountId', '=', accountId)
    .where('id', '=', id)
    .executeTakeFirst();
  // Deleted between the two looks.
  if (!row) return null;
  const members = await loadMembers(deps.database.kysely, accountId, [id]);
  const { name, strategy } = row;
  return { id, name, strategy, warnings: warningsOf({ ...row, members }) };
}

function describeRules({ rules, ruleId }: ExplainedRoute): RouteExplanation['rules'] {
  return rules.map(({ id, name, reason }) => ({
    ...{ id, name, matched: id === ruleId },
    reason: reason ?? (id === ruleId ? 'it matches best' : 'a rule that comes before it matches'),
  }));
}
