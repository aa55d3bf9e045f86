import { Type, type Static } from 'typebox';

/** An id of ours: UUIDv7, so ids sort by time of creation. */
export const Id = Type.String({
  format: 'uuid',
  examples: ['0199c1a2-7b3c-7d4e-8f5a-6b7c8d9e0f1a'],
});

/** RFC 3339 in UTC with `Z`. */
export const Timestamp = Type.String({ format: 'date-time', examples: ['2026-03-22T10:30:00Z'] });

/** Path parameters of a single resource. */
export const IdParams = Type.Object({ id: Type.String() });
export type IdParams = Static<typeof IdParams>;

/** All of a list, in the order it shall have from now on. */
export const ReorderRequest = Type.Object(
  {
    ids: Type.Array(Type.String({ maxLength: 64 }), {
      description: 'Each of them once, the first one first.',
    }),
  },
  { additionalProperties: false },
);
export type ReorderRequest = Static<typeof ReorderRequest>;

/** Paging of every list: `page` from 1, `per_page` 1 to 100 (default 25). */
export const Paging = {
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, default: 1 })),
  per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25 })),
};

/** An optional property that may also be null. */
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const PagingQuery = Type.Object(Paging, { additionalProperties: false });
export type PagingQuery = Static<typeof PagingQuery>;
