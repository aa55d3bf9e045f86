import type { ApiKeyMode, ProviderName } from '@courierx/contract';
import type { Database } from '../db/database.ts';
import type { Keyring } from '../lib/keyring.ts';
import type { MailLoad } from '../providers/carries.ts';
import type { Provider } from '../providers/provider.ts';
import { peekTurn } from '../queue/take-turns.ts';
import { createConnectionLoader } from './connections.ts';
import { storedPauseOf } from './health.ts';
import { withPause } from './local-pauses.ts';
import { explainPlan, type ExplainedPlan } from './policy/explain.ts';
import { receiversOf } from './policy/receiver.ts';
import {
  isDealt,
  matchRule,
  routeMail,
  whyNoMatch,
  withKnown,
  type RoutedMail,
} from './policy/route.ts';
import { loadRules, misfitOf, sandboxesOf } from './routes.ts';

export type MailToRoute = RoutedMail & {
  readonly accountId: string;
  readonly mode: ApiKeyMode;
  readonly load: MailLoad;
};

export type ExplainedRoute = ExplainedPlan & {
  readonly ruleId: string | null;
  /** In the order they are looked at; `reason` null: it takes the mail, or comes too late for it. */
  readonly rules: readonly { id: string; name: string; reason: string | null }[];
};

/** Says where a mail would go, by the functions that route mail, and sends nothing. */
export function createRouteExplainer(deps: {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly providers: ReadonlyMap<ProviderName, Provider>;
}): (mail: MailToRoute) => Promise<ExplainedRoute> {
  const { pool } = deps.database;
  const loadConnections = createConnectionLoader(pool, deps.keyring);
  return async (mail) => {
    const { accountId, mode } = mail;
    const [byAccount, allRules] = await Promise.all([
      loadConnections([accountId]),
      loadRules(pool, [accountId]),
    ]);
    const connections = byAccount.get(accountId) ?? [];
    const rules = allRules.get(accountId) ?? [];
    const sandboxes = sandboxesOf(connections);
    const rule = matchRule(rules, mail, sandboxes);
    const route = routeMail({
      ...{ rule, connections, mode },
      turn: rule && isDealt(rule) ? await peekTurn(pool, accountId, rule.id) : 0,
      findMisfit: (connection) => misfitOf(deps, connection, mail.load),
    });
    const now = new Date();
    const receivers = receiversOf(mail.recipientDomains);
    const known = withKnown(route, ({ connection, isInsisted }) =>
      withPause(connection, storedPauseOf({ connection, receivers, now, isInsisted })),
    );
    const plan = explainPlan({ route: known, mode, tried: new Set(), now }, connections);
    return {
      ...plan,
      ruleId: rule?.id ?? null,
      rules: rules.map((other) => ({
        id: other.id,
        name: other.name,
        reason: whyNoMatch(other, mail, sandboxes),
      })),
    };
  };
}
