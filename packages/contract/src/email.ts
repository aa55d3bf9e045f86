import { Type, type Static } from 'typebox';
import { Id, nullable, Paging, Timestamp } from './common.ts';
import { PROVIDER_NAMES } from './provider.ts';

/** Where an email, or one of its recipients, stands. */
export const EMAIL_STATUSES = [
  'queued',
  'sent',
  'delivered',
  'bounced',
  'failed',
  'suppressed',
] as const;
export type EmailStatus = (typeof EMAIL_STATUSES)[number];

/** Limits of one email; the wire's 422 names whichever is passed. */
export const EMAIL_LIMITS = {
  recipients: 50,
  subjectLength: 900,
  headerNameLength: 126,
  headerValueLength: 900,
  headers: 50,
  attachments: 100,
  tags: 20,
  tagLength: 128,
  metadataBytes: 16_384,
  idempotencyKeyLength: 255,
  encodedBytes: 40 * 1024 * 1024,
  replyTo: 25,
} as const;

const addressError = 'must be an email address, an object with email and name, or a list of these';

const AddressObject = Type.Object(
  { email: Type.String(), name: Type.Optional(nullable(Type.String())) },
  { additionalProperties: false },
);

/** `"ada@example.com"`, `"Ada <ada@example.com>"` or `{ email, name }`. */
export const AddressInput = Type.Union([Type.String(), AddressObject], {
  errorMessage: 'must be an email address or an object with email and name',
  examples: ['ada@example.com'],
});
export type AddressInput = Static<typeof AddressInput>;

const AddressesInput = Type.Union(
  [Type.String(), AddressObject, Type.Array(Type.Union([Type.String(), AddressObject]))],
  { errorMessage: addressError, examples: ['user@example.com'] },
);
export type AddressesInput = Static<typeof AddressesInput>;

const optionalText = Type.Optional(nullable(Type.String()));

export const AttachmentInput = Type.Object(
  {
    filename: Type.String({ minLength: 1, maxLength: 255 }),
    content: Type.String({ description: 'The file, base64 (standard alphabet).' }),
    content_type: Type.Optional(nullable(Type.String({ maxLength: 255 }))),
    content_id: Type.Optional(
      nullable(
        Type.String({ maxLength: 255, description: 'Makes it inline: `cid:…` in the HTML.' }),
      ),
    ),
  },
  { additionalProperties: false },
);
export type AttachmentInput = Static<typeof AttachmentInput>;

/** Each long name has a short alias; giving both is an error. */
export const EMAIL_ALIASES = {
  from: 'from_email',
  to: 'to_email',
  html: 'html_body',
  text: 'text_body',
} as const;

export const SendEmailRequest = Type.Object(
  {
    from_email: Type.Optional(AddressInput),
    from: Type.Optional(AddressInput),
    from_name: optionalText,
    to_email: Type.Optional(AddressesInput),
    to: Type.Optional(AddressesInput),
    to_name: optionalText,
    cc: Type.Optional(nullable(AddressesInput)),
    bcc: Type.Optional(nullable(AddressesInput)),
    reply_to: Type.Optional(nullable(AddressesInput)),
    subject: Type.Optional(Type.String()),
    html_body: optionalText,
    html: optionalText,
    text_body: optionalText,
    text: optionalText,
    headers: Type.Optional(
      nullable(
        Type.Record(Type.String(), Type.String(), {
          description: 'Custom headers, name to value.',
        }),
      ),
    ),
    attachments: Type.Optional(nullable(Type.Array(AttachmentInput))),
    tags: Type.Optional(nullable(Type.Array(Type.String()))),
    metadata: Type.Optional(
      nullable(
        Type.Record(Type.String(), Type.Unknown(), {
          description: 'Your own keys and values; `idempotency_key` de-duplicates for 24 hours.',
        }),
      ),
    ),
  },
  { additionalProperties: false },
);
export type SendEmailRequest = Static<typeof SendEmailRequest>;

export const ListEmailsQuery = Type.Object(
  {
    ...Paging,
    status: Type.Optional(Type.Enum([...EMAIL_STATUSES])),
    recipient: Type.Optional(Type.String({ maxLength: 320 })),
    from: Type.Optional(Type.String({ description: 'Created at or after: a date or date-time.' })),
    to: Type.Optional(
      Type.String({ description: 'Created before; a bare date includes that whole day.' }),
    ),
    tag: Type.Optional(Type.String({ maxLength: 128 })),
    provider: Type.Optional(
      Type.Enum([...PROVIDER_NAMES], {
        description: 'Those an attempt was made with through this provider.',
      }),
    ),
    provider_connection_id: Type.Optional(
      Type.String({ description: 'Those an attempt was made with through this connection.' }),
    ),
    cursor: Type.Optional(Type.String({ description: 'From `Link: rel="next"`.' })),
  },
  { additionalProperties: false },
);
export type ListEmailsQuery = Static<typeof ListEmailsQuery>;

export const EmailRecipient = Type.Object({
  email: Type.String(),
  name: nullable(Type.String()),
  type: Type.Enum(['to', 'cc', 'bcc']),
  status: Type.Enum([...EMAIL_STATUSES]),
});

/** One email as lists and the 202 answer show it. */
export const Email = Type.Object({
  id: Id,
  from_email: Type.String(),
  from_name: nullable(Type.String()),
  to_email: Type.String({ description: 'The first recipient.' }),
  to_name: nullable(Type.String()),
  subject: Type.String(),
  status: Type.Enum([...EMAIL_STATUSES]),
  status_reason: nullable(
    Type.String({ description: 'Why it waits, or why it failed, in words.' }),
  ),
  mode: Type.Enum(['live', 'test']),
  tags: Type.Array(Type.String()),
  metadata: Type.Record(Type.String(), Type.Unknown()),
  recipients: Type.Array(EmailRecipient),
  queued_at: Timestamp,
  sent_at: nullable(Timestamp),
  next_attempt_at: nullable(Timestamp),
  deadline_at: Timestamp,
  created_at: Timestamp,
});
export type Email = Static<typeof Email>;

export const EmailEvent = Type.Object({
  id: Id,
  event_type: Type.String(),
  occurred_at: Timestamp,
  recipient: nullable(Type.String()),
  provider: nullable(Type.Enum([...PROVIDER_NAMES])),
  provider_connection_id: nullable(Id),
  detail: nullable(Type.String()),
  bounce_type: nullable(
    Type.Enum(['hard', 'soft'], {
      description: 'Of a `bounced`: for good, or for now.',
    }),
  ),
  url: nullable(Type.String({ description: 'Of a `clicked`: the link.' })),
});
export type EmailEvent = Static<typeof EmailEvent>;

export const EmailAttempt = Type.Object({
  number: Type.Integer(),
  provider: Type.Enum([...PROVIDER_NAMES]),
  provider_connection_id: Id,
  provider_connection_name: Type.String(),
  outcome: nullable(Type.Enum(['accepted', 'rejected', 'failed', 'unknown'])),
  scope: nullable(Type.Enum(['message', 'recipient', 'connection', 'provider'])),
  reason: nullable(Type.String()),
  detail: nullable(Type.String({ description: "The provider's own words." })),
  status_code: nullable(Type.Integer()),
  provider_message_id: nullable(Type.String()),
  latency_ms: nullable(Type.Integer()),
  trace: Type.Array(Type.String(), {
    description: 'Why this connection was used and each one before it passed over.',
  }),
  started_at: Timestamp,
  finished_at: nullable(Timestamp),
});
export type EmailAttempt = Static<typeof EmailAttempt>;

export const AttachmentInfo = Type.Object({
  filename: Type.String(),
  content_type: Type.String(),
  content_id: nullable(Type.String()),
  size: Type.Integer({ description: 'Bytes, decoded.' }),
});

/** One email with its content, its timeline and every attempt. */
export const EmailDetail = Type.Intersect([
  Email,
  Type.Object({
    reply_to: Type.Array(Type.Object({ email: Type.String(), name: nullable(Type.String()) })),
    html_body: nullable(Type.String()),
    text_body: nullable(Type.String()),
    headers: Type.Record(Type.String(), Type.String()),
    attachments: Type.Array(AttachmentInfo),
    message_id: Type.String({ description: 'The Message-ID header, the same on every attempt.' }),
    events: Type.Array(EmailEvent),
    attempts: Type.Array(EmailAttempt),
  }),
]);
export type EmailDetail = Static<typeof EmailDetail>;

/** What is to become of a mail that is held because it may have been sent. */
export const ReleaseEmailRequest = Type.Object(
  {
    action: Type.Enum(['resend', 'give_up'], {
      description:
        '`resend`: another attempt, which may be a second copy. `give_up`: it fails, and no copy is made.',
    }),
  },
  { additionalProperties: false },
);
export type ReleaseEmailRequest = Static<typeof ReleaseEmailRequest>;
