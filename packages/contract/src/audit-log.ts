import { Type, type Static } from 'typebox';
import { Id, nullable, Paging, Timestamp } from './common.ts';

/** Who made a change: a log-in, an API key, the operator's command line, or CourierX itself. */
export const AUDIT_ACTORS = ['session', 'api_key', 'operator', 'system'] as const;
export type AuditActor = (typeof AUDIT_ACTORS)[number];

export const ListAuditLogQuery = Type.Object(
  {
    ...Paging,
    action: Type.Optional(
      Type.String({
        maxLength: 100,
        description: 'An action, or what it is done to: `api_key.created`, `api_key`.',
      }),
    ),
    actor: Type.Optional(Type.Enum([...AUDIT_ACTORS])),
    api_key_id: Type.Optional(Id),
    subject_id: Type.Optional(Type.String({ maxLength: 320 })),
    from: Type.Optional(Type.String({ description: 'At or after: a date or date-time.' })),
    to: Type.Optional(Type.String({ description: 'Before; a bare date includes that whole day.' })),
  },
  { additionalProperties: false },
);
export type ListAuditLogQuery = Static<typeof ListAuditLogQuery>;

/** One change: who did what, to what, when. Secrets are never in it. */
export const AuditEntry = Type.Object({
  id: Id,
  actor: Type.Enum([...AUDIT_ACTORS]),
  api_key_id: nullable(Id),
  action: Type.String({ examples: ['api_key.created'] }),
  subject_id: nullable(Type.String({ description: 'What was changed.' })),
  detail: Type.Record(Type.String(), Type.Unknown()),
  occurred_at: Timestamp,
});
export type AuditEntry = Static<typeof AuditEntry>;
