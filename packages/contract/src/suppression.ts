import { Type, type Static } from 'typebox';
import { Id, nullable, Paging, Timestamp } from './common.ts';

/** Why no mail goes to an address. */
export const SUPPRESSION_REASONS = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

export const CreateSuppressionRequest = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: 320 }),
    reason: Type.Optional(Type.Enum([...SUPPRESSION_REASONS], { default: 'manual' })),
    note: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
  },
  { additionalProperties: false },
);
export type CreateSuppressionRequest = Static<typeof CreateSuppressionRequest>;

export const ListSuppressionsQuery = Type.Object(
  {
    ...Paging,
    reason: Type.Optional(Type.Enum([...SUPPRESSION_REASONS])),
    email: Type.Optional(Type.String({ maxLength: 320 })),
  },
  { additionalProperties: false },
);
export type ListSuppressionsQuery = Static<typeof ListSuppressionsQuery>;

export const Suppression = Type.Object({
  id: Id,
  email: Type.String(),
  reason: Type.Enum([...SUPPRESSION_REASONS]),
  note: nullable(Type.String()),
  created_at: Timestamp,
});
export type Suppression = Static<typeof Suppression>;
