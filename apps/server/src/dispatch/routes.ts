import type { ProviderName } from '@courierx/contract';
import type pg from 'pg';
import { domainOf } from '../lib/address.ts';
import { encodedBytes, findMisfit, type MailLoad } from '../providers/carries.ts';
import type { Provider } from '../providers/provider.ts';
import type { LoadedEmail } from '../queue/load-emails.ts';
import { loadRoutingRules } from '../queue/load-routing-rules.ts';
import { takeTurns, type TurnsWanted } from '../queue/take-turns.ts';
import type { ConnectionLoader, RoutableConnection } from './connections.ts';
import {
  inSpecificOrder,
  isDealt,
  matchRule,
  routeMail,
  type Route,
  type RoutedMail,
  type Rule,
} from './policy/route.ts';
import { turnOfId } from './policy/share.ts';

export type RouteDeps = {
  readonly pool: pg.Pool;
  readonly providers: ReadonlyMap<ProviderName, Provider>;
};

/** What routes are made of, by account: connections by priority, rules as they are looked at. */
export type Grounds = {
  readonly connections: ReadonlyMap<string, readonly RoutableConnection[]>;
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
};

/**
 * Reads connections and rules fresh for every batch: a change holds for the next mail. Where there are
 * no rules, nothing is asked for them.
 */
export async function loadGrounds(
  { pool, loadConnections }: { pool: pg.Pool; loadConnections: ConnectionLoader },
  accountIds: readonly string[],
): Promise<Grounds> {
  const connections = await loadConnections(accountIds);
  const ruled = [...connections].filter(([, own]) => own.some(({ hasRules }) => hasRules));
  const ids = ruled.map(([id]) => id);
  const rules = ids.length === 0 ? new Map<string, Rule[]>() : await loadRules(pool, ids);
  return { connections, rules };
}

/** Each account's rules in the order they are looked at. */
export async function loadRules(
  pool: pg.Pool,
  accountIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Rule[]>> {
  const loaded = await loadRoutingRules(pool, accountIds);
  const byAccount = Map.groupBy(loaded, ({ accountId }) => accountId);
  return new Map([...byAccount].map(([id, own]) => [id, inSpecificOrder(own)]));
}

export type RouteInput = Grounds & { readonly emails: readonly LoadedEmail[] };

/** The route of each email, by its id. Where no email is dealt out, nothing is asked of the database. */
export async function routeEmails(
  deps: RouteDeps,
  { emails, connections, rules }: RouteInput,
): Promise<ReadonlyMap<string, Route<RoutableConnection>>> {
  const matched = emails.map((email) => {
    const own = connections.get(email.accountId) ?? [];
    const ofAccount = rules.get(email.accountId);
    const rule = ofAccount ? matchRule(ofAccount, toRouted(email), sandboxesOf(own)) : null;
    return { email, rule, own };
  });
  const nextTurn = await dealTurns(deps.pool, matched);
  return new Map(
    matched.map(({ email, rule, own }) => {
      const load = toLoad(email);
      const route = routeMail({
        rule,
        connections: own,
        mode: email.mode,
        turn: rule && isFresh(email) ? nextTurn(rule) : turnOfId(email.id),
        findMisfit: (connection) => misfitOf(deps, connection, load),
      });
      return [email.id, route];
    }),
  );
}

/** Deals each rule's turns out in the order of the emails. */
async function dealTurns(
  pool: pg.Pool,
  matched: readonly { email: LoadedEmail; rule: Rule | null }[],
): Promise<(rule: Rule) => number> {
  const wanted = new Map<string, TurnsWanted>();
  for (const { email, rule } of matched) {
    if (!rule || !isDealt(rule) || !isFresh(email)) continue;
    const count = (wanted.get(rule.id)?.count ?? 0) + 1;
    wanted.set(rule.id, { accountId: email.accountId, ruleId: rule.id, count });
  }
  const next = new Map(wanted.size === 0 ? [] : await takeTurns(pool, [...wanted.values()]));
  return ({ id }) => {
    const turn = next.get(id) ?? 0;
    next.set(id, turn + 1);
    return turn;
  };
}

/** Mail that comes back keeps a turn of its own, lest waiting mail use up the turns of others. */
function isFresh(email: LoadedEmail): boolean {
  return email.lastAttempt === null && email.reason === null;
}

export function sandboxesOf(connections: readonly RoutableConnection[]): ReadonlySet<string> {
  return new Set(connections.filter(isSandbox).map(({ id }) => id));
}

function isSandbox({ provider }: RoutableConnection): boolean {
  return provider === 'sandbox';
}

function toRouted(email: LoadedEmail): RoutedMail {
  const { mode, fromEmail, recipients, tags } = email;
  return {
    mode,
    tags,
    senderDomain: domainOf(fromEmail),
    recipientDomains: [...new Set(recipients.map(({ address }) => domainOf(address)))],
  };
}

function toLoad(email: LoadedEmail): MailLoad {
  const inline = email.files.filter(({ isInline }) => isInline).length;
  return {
    encodedBytes: encodedBytes(
      email,
      email.files.map(({ bytes }) => bytes),
    ),
    recipients: email.recipients.length,
    attachments: email.files.length - inline,
    inlineAttachments: inline,
    headers: email.headers.map(({ name }) => name),
    replyTo: email.replyTo.length,
  };
}

/** A provider this version has no adapter for is found out, and said, at the attempt. */
export function misfitOf(
  { providers }: Pick<RouteDeps, 'providers'>,
  { provider }: RoutableConnection,
  load: MailLoad,
) {
  const adapter = providers.get(provider);
  return adapter ? findMisfit(adapter.capabilities, load) : null;
}
