import type { List } from '../internal/list.ts';
import { Resource, segment } from '../internal/resource.ts';
import type { CallOptions } from '../internal/transport.ts';
import type { SendEmailInput } from './emails.ts';
import type { PageInput } from './page-input.ts';
import type { ProviderName } from './provider-connections.ts';

/**
 * `priority`: in order, past what can't be used. `weighted`: shares by weight. `round_robin`: even
 * turns. `failover_only`: always the first, the others when its attempt fails.
 */
export type RoutingStrategy = 'priority' | 'weighted' | 'round_robin' | 'failover_only';

/** Every part that is given has to match; none: all mail. */
export type RoutingMatch = {
  senderDomain?: string | null | undefined;
  /** Of every recipient. */
  recipientDomain?: string | null | undefined;
  tag?: string | null | undefined;
};

export type RoutingRuleConnectionInput = {
  connectionId: string;
  /** Lower is first; by default its place in the list. */
  priority?: number | undefined;
  /** Its share of the sum of all weights, under `weighted`; default 1. */
  weight?: number | undefined;
  /** Keeps it out of shares and turns. */
  failoverOnly?: boolean | undefined;
};

/** In an update, `match` and `connections` replace what was there as a whole. */
export type UpdateRoutingRuleInput = {
  name?: string | undefined;
  /** Decides between rules that match equally well; lower is first. */
  position?: number | undefined;
  enabled?: boolean | undefined;
  match?: RoutingMatch | null | undefined;
  /** Default `priority`. */
  strategy?: RoutingStrategy | undefined;
  connections?: RoutingRuleConnectionInput[] | undefined;
};

export type CreateRoutingRuleInput = UpdateRoutingRuleInput & {
  name: string;
  connections: RoutingRuleConnectionInput[];
};

export type RoutingRule = {
  id: string;
  name: string;
  position: number;
  enabled: boolean;
  match: { senderDomain: string | null; recipientDomain: string | null; tag: string | null };
  strategy: RoutingStrategy;
  connections: {
    connectionId: string;
    displayName: string;
    provider: ProviderName;
    priority: number;
    weight: number;
    failoverOnly: boolean;
  }[];
  /** What keeps the rule, as things are now, from doing its work. */
  warnings: string[];
  createdAt: string;
  updatedAt: string;
};

/** A mail as it would be sent; all but its sender and recipients may be left out. */
export type ExplainRouteInput = Pick<SendEmailInput, 'from' | 'to'> &
  Partial<Omit<SendEmailInput, 'attachments'>>;

export type RouteExplanation = {
  rule: { id: string; name: string; strategy: RoutingStrategy; warnings: string[] } | null;
  /** Every rule in the order it is looked at. */
  rules: { id: string; name: string; matched: boolean; reason: string }[];
  /** Every connection, in the order they would be tried. */
  connections: {
    connectionId: string;
    displayName: string;
    provider: ProviderName;
    decision: 'used' | 'passed over';
    reason: string;
    /** Of mails like this one, as things are now: 0 to 1. */
    share: number | null;
    failoverOnly: boolean;
  }[];
  /** Why nothing can take the mail now; null where something can. */
  waits: string | null;
  trace: string[];
};

const PATH = '/routing_rules';

export class RoutingRules extends Resource {
  create(input: CreateRoutingRuleInput, options?: CallOptions): Promise<RoutingRule> {
    return this.request({ method: 'POST', path: PATH, body: input }, options);
  }

  /** By position. */
  list(input: PageInput = {}, options?: CallOptions): List<RoutingRule> {
    return this.pages(PATH, input, options);
  }

  get(id: string, options?: CallOptions): Promise<RoutingRule> {
    return this.request({ method: 'GET', path: `${PATH}/${segment(id)}` }, options);
  }

  update(id: string, input: UpdateRoutingRuleInput, options?: CallOptions): Promise<RoutingRule> {
    return this.request({ method: 'PATCH', path: `${PATH}/${segment(id)}`, body: input }, options);
  }

  /** `ids`: those of all rules, in their new order. All change, or none. */
  reorder(ids: readonly string[], options?: CallOptions): Promise<void> {
    return this.perform(
      // Done twice it is as done once.
      { method: 'POST', path: `${PATH}/reorder`, body: { ids }, isRepeatable: true },
      options,
    );
  }

  delete(id: string, options?: CallOptions): Promise<void> {
    return this.perform({ method: 'DELETE', path: `${PATH}/${segment(id)}` }, options);
  }

  /** Where such a mail would go, and why not elsewhere; sends nothing. */
  explain(input: ExplainRouteInput, options?: CallOptions): Promise<RouteExplanation> {
    return this.request(
      // Asking twice does no harm.
      { method: 'POST', path: `${PATH}/explain`, body: input, isRepeatable: true },
      options,
    );
  }
}
