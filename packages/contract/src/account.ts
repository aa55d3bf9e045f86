import { Type, type Static } from 'typebox';
import { Id, nullable, Timestamp } from './common.ts';

/** What happens to a mail whose attempt ended without an answer after bytes were sent. */
export const ON_UNKNOWN = ['fail_over', 'hold', 'resend'] as const;
export type OnUnknown = (typeof ON_UNKNOWN)[number];

/** What happens to a mail whose provider refused our credentials. */
export const ON_AUTH_FAILURE = ['stop', 'fail_over'] as const;
export type OnAuthFailure = (typeof ON_AUTH_FAILURE)[number];

const Name = Type.String({ minLength: 1, maxLength: 200 });
const Email = Type.String({ minLength: 3, maxLength: 254 });
const Password = Type.String({
  minLength: 8,
  maxLength: 1024,
  description: 'At least 8 characters.',
});

const Days = Type.Integer({ minimum: 1, maximum: 3650 });

export const RegisterRequest = Type.Object(
  { name: Name, email: Email, password: Password, password_confirmation: Type.String() },
  { additionalProperties: false },
);
export type RegisterRequest = Static<typeof RegisterRequest>;

export const LoginRequest = Type.Object(
  { email: Type.String({ maxLength: 1024 }), password: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
);
export type LoginRequest = Static<typeof LoginRequest>;

export const UpdateAccountRequest = Type.Object(
  {
    name: Type.Optional(Name),
    on_unknown: Type.Optional(Type.Enum([...ON_UNKNOWN])),
    on_auth_failure: Type.Optional(Type.Enum([...ON_AUTH_FAILURE])),
    require_verified_domain: Type.Optional(Type.Boolean()),
    retention_days: Type.Optional(nullable(Days)),
    content_retention_days: Type.Optional(nullable(Days)),
    email: Type.Optional(Email),
    password: Type.Optional(Password),
    password_confirmation: Type.Optional(Type.String({ maxLength: 1024 })),
    current_password: Type.Optional(Type.String({ maxLength: 1024 })),
  },
  { additionalProperties: false, minProperties: 1 },
);
export type UpdateAccountRequest = Static<typeof UpdateAccountRequest>;

/** The whole account goes, with everything in it. */
export const DeleteAccountRequest = Type.Object(
  { password: Type.String({ maxLength: 1024 }) },
  { additionalProperties: false },
);
export type DeleteAccountRequest = Static<typeof DeleteAccountRequest>;

export const Account = Type.Object({
  id: Id,
  name: Type.String(),
  email: Type.String(),
  on_unknown: Type.Enum([...ON_UNKNOWN]),
  on_auth_failure: Type.Enum([...ON_AUTH_FAILURE]),
  require_verified_domain: Type.Boolean({
    description: 'Live mail is taken only from a verified domain, or one below it.',
  }),
  retention_days: nullable(Type.Integer({ description: 'Days that emails are kept; null: all.' })),
  content_retention_days: nullable(
    Type.Integer({ description: 'Days that bodies and attachments are kept; null: all.' }),
  ),
  created_at: Timestamp,
});
export type Account = Static<typeof Account>;

export const AccountAnswer = Type.Object({ account: Account });
export type AccountAnswer = Static<typeof AccountAnswer>;

/** With the next session's token where a new password ended the caller's. */
export const UpdatedAccount = Type.Object({
  account: Account,
  token: Type.Optional(Type.String()),
  expires_at: Type.Optional(Timestamp),
});
export type UpdatedAccount = Static<typeof UpdatedAccount>;

/** `token` is a JWT for `Authorization: Bearer`, good for 24 hours. */
export const SessionAnswer = Type.Object({
  token: Type.String(),
  expires_at: Timestamp,
  account: Account,
});
export type SessionAnswer = Static<typeof SessionAnswer>;
