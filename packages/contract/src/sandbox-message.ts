import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';
import { AttachmentInfo } from './email.ts';

const Mailbox = Type.Object({ email: Type.String(), name: nullable(Type.String()) });

/** A mail that the sandbox took, as its inbox lists it. */
export const SandboxMessage = Type.Object({
  id: Type.String({ ...Id, description: "The email's id." }),
  provider_connection_id: Id,
  attempt_number: Type.Integer(),
  from: Mailbox,
  to: Type.Array(Mailbox),
  recipients: Type.Array(Type.String(), { description: 'Whom this attempt was for.' }),
  subject: Type.String(),
  created_at: Timestamp,
});
export type SandboxMessage = Static<typeof SandboxMessage>;

/** The whole mail, as its receivers would have it. */
export const SandboxMessageDetail = Type.Intersect([
  SandboxMessage,
  Type.Object({
    cc: Type.Array(Mailbox),
    bcc: Type.Array(Mailbox),
    reply_to: Type.Array(Mailbox),
    html_body: nullable(Type.String()),
    text_body: nullable(Type.String()),
    headers: Type.Record(Type.String(), Type.String()),
    attachments: Type.Array(AttachmentInfo),
    message_id: Type.String(),
    tags: Type.Array(Type.String()),
    metadata: Type.Record(Type.String(), Type.Unknown()),
  }),
]);
export type SandboxMessageDetail = Static<typeof SandboxMessageDetail>;

export const ListSandboxMessagesQuery = Type.Object(
  {
    per_page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 25 })),
    cursor: Type.Optional(Type.String({ description: 'From `Link: rel="next"`.' })),
  },
  { additionalProperties: false },
);
export type ListSandboxMessagesQuery = Static<typeof ListSandboxMessagesQuery>;
