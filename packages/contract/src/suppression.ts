import { Type, type Static } from 'typebox';
import { Id, nullable, Paging, Timestamp } from './common.ts';

/** Why no mail goes to an address. */
export const SUPPRESSION_REASONS = ['bounce', 'complaint', 'unsubscribe', 'manual'] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

export const CreateSuppressionRequest = Type.Object(
  {
    email: Type.String({
      minLength: 1,
      maxLength: 320,
      description: 'An address, or `*@example.com` for all of that domain.',
      examples: ['bad-address@example.com'],
    }),
    reason: Type.Optional(Type.Enum([...SUPPRESSION_REASONS], { default: 'manual' })),
    note: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
    expires_at: Type.Optional(nullable(Timestamp)),
  },
  { additionalProperties: false },
);
export type CreateSuppressionRequest = Static<typeof CreateSuppressionRequest>;

const filters = {
  reason: Type.Optional(Type.Enum([...SUPPRESSION_REASONS])),
  email: Type.Optional(Type.String({ maxLength: 320, description: 'A part of the address.' })),
  domain: Type.Optional(Type.String({ maxLength: 253, description: 'Addresses at this domain.' })),
};

export const ListSuppressionsQuery = Type.Object(
  { ...Paging, ...filters },
  { additionalProperties: false },
);
export type ListSuppressionsQuery = Static<typeof ListSuppressionsQuery>;

export const SUPPRESSION_FORMATS = ['csv', 'json', 'ndjson'] as const;
export type SuppressionFormat = (typeof SUPPRESSION_FORMATS)[number];

export const ExportSuppressionsQuery = Type.Object(
  {
    ...filters,
    format: Type.Optional(Type.Enum([...SUPPRESSION_FORMATS], { default: 'csv' })),
  },
  { additionalProperties: false },
);
export type ExportSuppressionsQuery = Static<typeof ExportSuppressionsQuery>;

/** `email` is required: a forgotten one must not empty the list. */
export const DeleteSuppressionsQuery = Type.Object(
  {
    email: Type.String({ minLength: 1, maxLength: 320, description: 'The whole address.' }),
    reason: Type.Optional(Type.Enum([...SUPPRESSION_REASONS])),
  },
  { additionalProperties: false },
);
export type DeleteSuppressionsQuery = Static<typeof DeleteSuppressionsQuery>;

export const Suppression = Type.Object({
  id: Id,
  email: Type.String(),
  reason: Type.Enum([...SUPPRESSION_REASONS]),
  note: nullable(Type.String()),
  evidence: nullable(
    Type.Record(Type.String(), Type.Unknown(), {
      description: 'The event that put it here, where one did.',
    }),
  ),
  expires_at: nullable(Timestamp),
  created_at: Timestamp,
});
export type Suppression = Static<typeof Suppression>;

/** How many entries there are; an address counts once for each of its reasons. */
export const SuppressionCounts = Type.Object({
  total: Type.Integer(),
  by_reason: Type.Object(
    Object.fromEntries(SUPPRESSION_REASONS.map((reason) => [reason, Type.Integer()])) as Record<
      SuppressionReason,
      ReturnType<typeof Type.Integer>
    >,
  ),
});
export type SuppressionCounts = Static<typeof SuppressionCounts>;

export const ImportSuppressionsQuery = Type.Object(
  {
    reason: Type.Optional(
      Type.Enum([...SUPPRESSION_REASONS], {
        default: 'manual',
        description: 'For lines that give none.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type ImportSuppressionsQuery = Static<typeof ImportSuppressionsQuery>;

/** How an import stands. `line` counts from 1: lines of a file, items of a JSON list. */
export const SuppressionImport = Type.Object({
  done: Type.Boolean(),
  lines: Type.Integer({ description: 'Lines read.' }),
  imported: Type.Integer({ description: 'New entries.' }),
  updated: Type.Integer({ description: 'Entries that were there and got a new note or expiry.' }),
  skipped: Type.Integer({ description: 'Entries that were there already, as they are.' }),
  failed: Type.Integer({ description: 'Lines that were left out.' }),
  errors: Type.Array(Type.Object({ line: Type.Integer(), message: Type.String() }), {
    description:
      'Why lines were left out. With `done` the first 1,000; before, all since the line before.',
  }),
});
export type SuppressionImport = Static<typeof SuppressionImport>;
