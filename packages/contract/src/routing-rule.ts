import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';
import { PROVIDER_NAMES } from './provider.ts';

/**
 * `priority`: in order, passing over what can't be used. `weighted`: shares by weight.
 * `round_robin`: even turns. `failover_only`: always the first, the others when its attempt fails.
 */
export const ROUTING_STRATEGIES = ['priority', 'weighted', 'round_robin', 'failover_only'] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/** Bounds of an account's routing rules. */
export const ROUTING_LIMITS = { rules: 200, connections: 50 } as const;

const Domain = Type.Optional(nullable(Type.String({ maxLength: 253 })));

/** Which mail a rule takes; each part that is given has to match. Empty: all mail (the default). */
export const RoutingMatch = Type.Object(
  {
    sender_domain: Domain,
    recipient_domain: Domain,
    tag: Type.Optional(nullable(Type.String({ maxLength: 128 }))),
  },
  { additionalProperties: false },
);
export type RoutingMatch = Static<typeof RoutingMatch>;

export const RoutingRuleConnectionInput = Type.Object(
  {
    connection_id: Type.String({ minLength: 1, maxLength: 64 }),
    priority: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 1_000_000,
        description: 'Lower is first; by default its place in the list.',
      }),
    ),
    weight: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 1_000_000,
        default: 1,
        description: 'Its share of the sum of all weights, under `weighted`.',
      }),
    ),
    failover_only: Type.Optional(
      Type.Boolean({ default: false, description: 'Keeps it out of shares and turns.' }),
    ),
  },
  { additionalProperties: false },
);
export type RoutingRuleConnectionInput = Static<typeof RoutingRuleConnectionInput>;

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Position = Type.Integer({
  minimum: 0,
  maximum: 1_000_000,
  description: 'Decides between rules that match equally well; lower is first.',
});
const Connections = Type.Array(RoutingRuleConnectionInput);

export const CreateRoutingRuleRequest = Type.Object(
  {
    name: Name,
    position: Type.Optional(Position),
    enabled: Type.Optional(Type.Boolean({ default: true })),
    match: Type.Optional(nullable(RoutingMatch)),
    strategy: Type.Optional(Type.Enum([...ROUTING_STRATEGIES], { default: 'priority' })),
    connections: Connections,
  },
  { additionalProperties: false },
);
export type CreateRoutingRuleRequest = Static<typeof CreateRoutingRuleRequest>;

/** `match` and `connections` replace what was there as a whole. */
export const UpdateRoutingRuleRequest = Type.Object(
  {
    name: Type.Optional(Name),
    position: Type.Optional(Position),
    enabled: Type.Optional(Type.Boolean()),
    match: Type.Optional(nullable(RoutingMatch)),
    strategy: Type.Optional(Type.Enum([...ROUTING_STRATEGIES])),
    connections: Type.Optional(Connections),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateRoutingRuleRequest = Static<typeof UpdateRoutingRuleRequest>;

export const RoutingRuleConnection = Type.Object({
  connection_id: Id,
  display_name: Type.String(),
  provider: Type.Enum([...PROVIDER_NAMES]),
  priority: Type.Integer(),
  weight: Type.Number(),
  failover_only: Type.Boolean(),
});
export type RoutingRuleConnection = Static<typeof RoutingRuleConnection>;

export const RoutingRule = Type.Object({
  id: Id,
  name: Type.String(),
  position: Type.Integer(),
  enabled: Type.Boolean(),
  match: Type.Object({
    sender_domain: nullable(Type.String()),
    recipient_domain: nullable(Type.String()),
    tag: nullable(Type.String()),
  }),
  strategy: Type.Enum([...ROUTING_STRATEGIES]),
  connections: Type.Array(RoutingRuleConnection),
  warnings: Type.Array(
    Type.String({ description: 'What keeps the rule, as things are now, from doing its work.' }),
  ),
  created_at: Timestamp,
  updated_at: Timestamp,
});
export type RoutingRule = Static<typeof RoutingRule>;

/** Where a mail would go; asked with a mail as it would be sent, its content left out or not. */
export const RouteExplanation = Type.Object({
  rule: nullable(
    Type.Object({
      id: Id,
      name: Type.String(),
      strategy: Type.Enum([...ROUTING_STRATEGIES]),
      warnings: Type.Array(Type.String()),
    }),
  ),
  rules: Type.Array(
    Type.Object({
      id: Id,
      name: Type.String(),
      matched: Type.Boolean(),
      reason: Type.String(),
    }),
    { description: 'Every rule in the order it is looked at, and why it takes the mail or not.' },
  ),
  connections: Type.Array(
    Type.Object({
      connection_id: Id,
      display_name: Type.String(),
      provider: Type.Enum([...PROVIDER_NAMES]),
      decision: Type.Enum(['used', 'passed over']),
      reason: Type.String(),
      share: nullable(
        Type.Number({ description: 'Of mails like this one, as things are now: 0 to 1.' }),
      ),
      failover_only: Type.Boolean(),
    }),
    { description: 'Every connection of the account, in the order they would be tried.' },
  ),
  waits: nullable(
    Type.String({ description: 'Why nothing can take the mail now; null where something can.' }),
  ),
  trace: Type.Array(Type.String(), {
    description: 'As an attempt of such a mail would carry it.',
  }),
});
export type RouteExplanation = Static<typeof RouteExplanation>;
